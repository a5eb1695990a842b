// A trace as a picture: a lane for each process, time to the right, around the death of a server.
//
// Rules: what is drawn is what the trace says; whoever does nothing in that time has no lane.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace Tests.Rig.Traces;

public sealed class TraceDrawing
{
    private const double Width = 1000, Left = 150, LaneHeight = 34, Top = 40, BarHeight = 14;
    private const double MarginUs = 150, MaxUs = 12_000;

    private readonly List<JsonElement> _events;
    private readonly Dictionary<int, string> _names = [];
    private readonly List<int> _lanes = [];
    private readonly StringBuilder _svg = new();
    private double _firstUs, _lastUs;

    private TraceDrawing(string json)
    {
        _events = [.. JsonDocument.Parse(json).RootElement.GetProperty("traceEvents")
            .EnumerateArray()];
        foreach (JsonElement one in _events.Where(one => Text(one, "ph") == "M"))
            _names[Process(one)] = Text(one.GetProperty("args"), "name");
    }

    public static string Of(string json, string server)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        TraceDrawing drawing = new(json);
        drawing.Choose(server);
        return drawing.Draw();
    }

    /// <summary>From a little before the server's death to the answer that came anyhow.</summary>
    private void Choose(string server)
    {
        JsonElement death = _events.FirstOrDefault(one => Text(one, "name") == "death"
            && _names.GetValueOrDefault(Process(one)) == server);
        if (death.ValueKind == JsonValueKind.Undefined)
            throw new RigException($"the trace has no death of {server}");
        JsonElement again = _events.First(one => Text(one, "name") == "delivered again");
        string id = Text(again.GetProperty("args"), "id");
        JsonElement answer = _events.First(one => Text(one, "ph") == "e" && Text(one, "id") == id);
        _firstUs = Start(death) - MarginUs;
        _lastUs = Math.Min(Start(answer) + MarginUs, _firstUs + MaxUs);
        _lanes.AddRange(_events.Where(IsShown).GroupBy(Process)
            .OrderBy(lane => lane.Min(Start)).Select(lane => lane.Key));
    }

    private bool IsShown(JsonElement one) =>
        Text(one, "ph") != "M" && Start(one) <= _lastUs && End(one) >= _firstUs;

    private string Draw()
    {
        double height = Top + _lanes.Count * LaneHeight + 30;
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" "
            + "font-family=\"sans-serif\" font-size=\"12\">");
        Add($"<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>");
        Add("<text x=\"8\" y=\"18\" font-size=\"14\">A file server is killed with a request in its "
            + "hands: red is lost, green is answered, blue is who runs</text>");
        foreach (int process in _lanes) DrawLane(process);
        foreach (JsonElement one in _events.Where(IsShown)) DrawEvent(one);
        DrawScale(height - 14);
        return _svg.Append("</svg>\n").ToString();
    }

    private void DrawLane(int process)
    {
        double y = LaneOf(process);
        string name = _names.GetValueOrDefault(process, "") + $" [{process}]";
        Add($"<text x=\"8\" y=\"{y + 12:0}\">{Escape(name)}</text>");
        Add($"<line x1=\"{Left}\" x2=\"{Width - 8}\" y1=\"{y + BarHeight + 8:0}\" "
            + $"y2=\"{y + BarHeight + 8:0}\" stroke=\"#eee\"/>");
    }

    private void DrawEvent(JsonElement one)
    {
        double y = LaneOf(Process(one)), x = PlaceOf(Start(one));
        double width = Math.Max(0.7, PlaceOf(End(one)) - x);
        bool isLost = one.TryGetProperty("args", out JsonElement arguments)
            && arguments.TryGetProperty("lost", out _);
        switch (Text(one, "cat"), Text(one, "name"))
        {
            case ("thread", _): AddBar(x, y + BarHeight, width, 5, "#9bb7d4"); break;
            case ("handle", var name):
                AddBar(x, y, width, BarHeight - 2, isLost ? "#d9534f" : "#5cb85c", name);
                break;
            case (_, "death"): AddMark(x, y, "#c00", $"died: {Text(arguments, "cause")}"); break;
            case (_, "start"): AddMark(x, y, "#06c", "started"); break;
            case (_, "delivered again"): AddMark(x, y, "#080", "delivered again"); break;
            default: break;
        }
    }

    private void AddBar(
        double x, double y, double width, double height, string colour, string title = "") =>
        Add($"<rect x=\"{x:0.0}\" y=\"{y:0}\" width=\"{width:0.0}\" height=\"{height:0}\" "
            + $"fill=\"{colour}\"><title>{Escape(title)}</title></rect>");

    private void AddMark(double x, double y, string colour, string text) =>
        Add($"<line x1=\"{x:0.0}\" x2=\"{x:0.0}\" y1=\"{y - 6:0}\" y2=\"{y + BarHeight + 6:0}\" "
            + $"stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{x + 3:0.0}\" y=\"{y - 1:0}\" "
            + $"fill=\"{colour}\" font-size=\"10\">{Escape(text)}</text>");

    private void DrawScale(double y)
    {
        const int Steps = 8;
        for (int step = 0; step <= Steps; step++)
        {
            double us = (_lastUs - _firstUs) * step / Steps;
            Add($"<text x=\"{PlaceOf(_firstUs + us):0}\" y=\"{y:0}\" fill=\"#888\" "
                + $"font-size=\"10\">{us - MarginUs:0} us</text>");
        }
    }

    private void Add(string text) => _svg.Append(text).Append('\n');

    private double LaneOf(int process) => Top + _lanes.IndexOf(process) * LaneHeight;

    private double PlaceOf(double us) => Left + Math.Clamp(
        (us - _firstUs) / (_lastUs - _firstUs), 0, 1) * (Width - Left - 50);

    private static int Process(JsonElement one) => one.GetProperty("pid").GetInt32();

    private static double Start(JsonElement one) =>
        one.TryGetProperty("ts", out JsonElement ts) ? ts.GetDouble() : 0;

    private static double End(JsonElement one) =>
        Start(one) + (one.TryGetProperty("dur", out JsonElement dur) ? dur.GetDouble() : 0);

    private static string Text(JsonElement one, string property) =>
        one.ValueKind == JsonValueKind.Object
            && one.TryGetProperty(property, out JsonElement value) ? value.ToString() : "";

    private static string Escape(string text) =>
        text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
