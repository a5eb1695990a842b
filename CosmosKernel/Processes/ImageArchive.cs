// The images that boot has loaded, by name. Each is a Memory object that never dies.

using System;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using Shared.Abi;

namespace CosmosKernel.Processes;

public sealed class ImageArchive
{
    private readonly BootImage[] _images;
    private readonly MemoryObject[] _objects;

    public ImageArchive(BootImage[] images, MemoryObjectTable objects)
    {
        _images = images;
        _objects = new MemoryObject[images.Length];
        for (int i = 0; i < images.Length; i++)
        {
            Status status = objects.TryMakeFixed(MemoryObjectKind.Image,
                images[i].PhysicalFirst, images[i].LengthBytes, out _objects[i]);
            if (status != Status.Ok) throw new InvalidOperationException("too many boot images");
            // The archive itself holds it, so that the last capability does not end it.
            _objects[i].Capabilities = 1;
        }
    }

    public int Count => _images.Length;

    public MemoryObject this[int index] => _objects[index];

    public ReadOnlySpan<byte> NameOf(int index) => _images[index].Name;

    /// <summary>-1 for an object that is no image of the archive.</summary>
    public int IndexOf(MemoryObject image) => Array.IndexOf(_objects, image);

    public MemoryObject? Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _images.Length; i++)
        {
            if (name.SequenceEqual(_images[i].Name)) return _objects[i];
        }

        return null;
    }
}
