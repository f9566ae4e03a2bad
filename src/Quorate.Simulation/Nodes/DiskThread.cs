using Quorate.Consensus;
using Quorate.Replica;
using Quorate.Storage;

namespace Quorate.Simulation;

/// <summary>The thread that saves, receives and loads snapshots, as a delay between their steps.</summary>
internal sealed class DiskThread(World world, SimulatedNode node, SeededGenerator generator)
{
    private readonly Queue<DiskWork> _waiting = new();
    private bool _isBusy;

    public void Run(DiskWork work)
    {
        _waiting.Enqueue(work);
        Next();
    }

    public void Die()
    {
        _waiting.Clear();
        _isBusy = false;
    }

    private void Next()
    {
        if (!_isBusy && _waiting.TryDequeue(out DiskWork? work))
        {
            _isBusy = true;
            node.After(world.Delay(generator, world.Knobs.FlushUs), () => Step(work));
        }
    }

    private void Step(DiskWork work)
    {
        bool more = false;
        bool lives = node.MayDie(() =>
        {
            try
            {
                more = work.Step();
            }
            catch (Exception failure) when (failure is IOException and not DiskFailedException or FormatException)
            {
                work.Failure = failure;
                work.Abandon();
            }
        });
        if (!lives)
        {
            return;
        }

        if (more)
        {
            node.After(world.Delay(generator, world.Knobs.FlushUs), () => Step(work));
            return;
        }

        _isBusy = false;
        node.Post(() => node.Replica!.WorkDone(work));
        Next();
    }
}
