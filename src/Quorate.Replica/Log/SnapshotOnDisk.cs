using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>The snapshot that a node starts from.</summary>
/// <param name="Caption">What it is of.</param>
/// <param name="Machine">The state it holds.</param>
/// <param name="FileBytes">The length of its file.</param>
internal sealed record SnapshotOnDisk(SnapshotCaption Caption, StateMachine Machine, long FileBytes)
{
    /// <summary>Loads the newest snapshot that can be read.</summary>
    /// <param name="disk">The data directory.</param>
    /// <param name="options">Knobs of the state machine.</param>
    /// <param name="unreadable">What is wrong with the newest one of all; <see langword="null"/> if nothing is.</param>
    /// <returns><see langword="null"/> if there is none.</returns>
    public static SnapshotOnDisk? LoadNewest(IDisk disk, StateOptions options, out string? unreadable)
    {
        unreadable = null;
        foreach (SnapshotFile file in SnapshotFiles.List(disk))
        {
            try
            {
                using SnapshotReader reader = SnapshotReader.Open(disk, file.Name);
                SnapshotCaption caption = SnapshotCaption.Decode(reader.Caption.Span);
                return new SnapshotOnDisk(caption, StateMachine.Restore(reader.Load(), options), reader.Length);
            }
            catch (CorruptionException damage)
            {
                unreadable ??= damage.Message;
            }
        }

        return null;
    }
}
