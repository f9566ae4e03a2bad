using Quorate.Storage;

namespace Quorate.State.Tests;

internal static class Maps
{
    /// <summary>A map as if loaded out of a snapshot of <paramref name="version"/>.</summary>
    public static OrderedMap LoadedFrom(IMapReader version)
    {
        var builder = new OrderedMapBuilder();
        MapCursor cursor = version.Seek([]);
        while (cursor.MoveNext())
        {
            builder.Add(cursor.Key.Span, cursor.Value.Span);
        }

        return builder.Build();
    }
}
