namespace Quorate.Storage;

/// <summary>A published version: a root that nobody changes any more.</summary>
internal sealed class MapVersion(MapNode root, long count, long logicalBytes) : IMapVersion
{
    public long Count => count;

    public long LogicalBytes => logicalBytes;

    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value) => MapTree.TryGet(root, key, out value);

    public MapCursor Seek(ReadOnlySpan<byte> from) => MapTreeCursor.Forward(root, from, map: null);

    public MapCursor SeekBackward(ReadOnlySpan<byte> before) => MapTreeCursor.Backward(root, before, map: null);
}
