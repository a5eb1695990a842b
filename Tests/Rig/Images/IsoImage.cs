// artifacts/cosmos.iso: GRUB for BIOS and UEFI, and the files that QEMU's -kernel boots, but for
// images that only tests run.
//
// Rules: made again only when an image, the boot shim or this recipe has changed. Files are not
// compressed: GRUB would take longer to unpack them than to read them (decision 0034).

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace Tests.Rig.Images;

public sealed class IsoImage(Progress progress)
{
    /// <summary>Counts changes of what is done here, so that old files are made again.</summary>
    private const int Recipe = 1;

    private const string VolumeName = "COSMOS";
    private const string ArchiveFolder = "cosmos";
    private const string ShimName = "cosmos.bin";

    /// <summary>Beside what GRUB needs for itself: the menu's own commands.</summary>
    private const string Modules =
        "normal iso9660 multiboot serial terminal all_video test minicmd halt reboot";

    private static string MenuFile => Repository.At("artifacts", "grub.cfg");
    private static string StampFile => Path.Combine(Repository.Stamps, "iso");

    /// <summary>The images' stamps say what they were built from.</summary>
    public async Task Run(IReadOnlyList<ImageProject> images)
    {
        images = [.. images.Where(image => !image.IsForTests)];
        string menu = Menu(BootArchive.Names(images));
        string inputs = $"{Recipe}\n{menu}\n{string.Join('\n', images.Select(one => one.Stamp))}";
        bool isNew = File.Exists(Repository.IsoFile) && File.Exists(StampFile)
            && File.ReadAllText(StampFile) == inputs;
        if (isNew) return;
        await progress.Step("making cosmos.iso", () => Make(menu));
        File.WriteAllText(StampFile, inputs);
    }

    private static async Task Make(string menu)
    {
        File.WriteAllText(MenuFile, menu, Encoding.ASCII);
        File.Delete(Repository.IsoFile);
        await Tool.Must("grub-mkrescue",
        [
            $"--install-modules={Modules}", "--locales=", "--fonts=", "--themes=",
            "-o", Repository.IsoFile,
            $"boot/grub/grub.cfg={MenuFile}", $"{ShimName}={Repository.BootFile}",
            $"{ArchiveFolder}={Repository.Images}",
            "--", "-volid", VolumeName, "-joliet", "on",
        ]);
    }

    /// <summary>
    /// The serial line beside the screen, where there is one. Under UEFI there is no text screen to
    /// go back to, so the kernel gets whatever mode GRUB's own console has.
    /// </summary>
    public static string Menu(IEnumerable<string> archive)
    {
        var text = new StringBuilder();
        text.Append($$"""
            if serial --unit=0 --speed=115200; then
                terminal_input serial console
                terminal_output serial console
            fi
            if [ "$grub_platform" = efi ]; then
                insmod all_video
                set gfxpayload=keep
            else
                set gfxpayload=text
            fi
            set timeout=1
            function load {
                multiboot /{{ShimName}} $1

            """);
        foreach (string name in archive)
        {
            text.Append($"    module /{ArchiveFolder}/{name} {name}\n");
        }
        text.Append("""
            }
            menuentry "CosmosKernel" { load }
            menuentry "CosmosKernel, kernel log on the serial line" { load log=serial }
            menuentry "Restart the machine" { reboot }
            menuentry "Power off" { halt }

            """);
        return text.ToString();
    }
}
