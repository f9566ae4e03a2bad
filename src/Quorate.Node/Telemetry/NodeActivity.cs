using System.Diagnostics;

namespace Quorate.Node;

/// <summary>The spans of a node, on the source <c>Quorate.Node</c>. Where nobody listens a span is one look at a field.</summary>
internal static class NodeActivity
{
    public const string Name = "Quorate.Node";

    public static readonly ActivitySource Source = new(Name);

    /// <summary>Says on a span, if there is one, how it failed; an exception filter that never holds.</summary>
    public static bool Failed(this Activity? activity, Exception failure)
    {
        activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        return false;
    }
}
