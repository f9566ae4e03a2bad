namespace Quorate.Storage;

/// <summary>Tells the visitor now and then how far recovery has read.</summary>
internal sealed class RecoveryProgress(IRecoveryVisitor visitor, long bytesTotal)
{
    private const long StepBytes = 4 << 20;

    private long _done;
    private long _told;

    /// <summary>So many bytes of the present segment have been read.</summary>
    public void At(long offset)
    {
        if (_done + offset - _told >= StepBytes)
        {
            Tell(_done + offset);
        }
    }

    /// <summary>The present segment, which has so many bytes, is done.</summary>
    public void Finish(long length)
    {
        _done += length;
        Tell(_done);
    }

    private void Tell(long bytes)
    {
        _told = bytes;
        visitor.OnProgress(bytes, bytesTotal);
    }
}
