using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Node;

/// <summary>
/// Who waits for which token. A finished turn of the loop completes its waiters together, on the thread pool, a few at a time:
/// their continuations never run on the loop.
/// </summary>
internal sealed class RequestTable
{
    private const int CompletionsPerWorkItem = 32;

    private readonly object _gate = new();
    private readonly Stack<int> _free = [];
    private object?[] _waiting = new object?[1024];
    private int _used;
    private int _pendingCommands;
    private long _failedCommands;
    private long _overdueReads;
    private List<Completion> _turn = [];

    /// <summary>Commands that wait for their result.</summary>
    public int PendingCommands => Volatile.Read(ref _pendingCommands);

    /// <summary>Commands that were refused, for whatever reason.</summary>
    public long FailedCommands => Volatile.Read(ref _failedCommands);

    /// <summary>Reads for which no leader answered in time.</summary>
    public long OverdueReads => Volatile.Read(ref _overdueReads);

    /// <summary>Takes a place for somebody who waits for a command's result.</summary>
    public TaskCompletionSource<CommandResult> AddCommand(out ulong token)
    {
        var source = new TaskCompletionSource<CommandResult>();
        token = Add(source, commands: 1);
        return source;
    }

    /// <summary>Takes a place for somebody who waits for state to read from.</summary>
    public TaskCompletionSource<StateVersion> AddRead(out ulong token)
    {
        var source = new TaskCompletionSource<StateVersion>();
        token = Add(source, commands: 0);
        return source;
    }

    /// <summary>The answer to a token; told at the end of the turn. A token is answered once.</summary>
    public void Finish(ulong token, object answer)
    {
        object waiter;
        lock (_gate)
        {
            waiter = _waiting[(int)token]!;
            _waiting[(int)token] = null;
            _free.Push((int)token);
            Count(waiter is TaskCompletionSource<CommandResult>, answer as GroupException);
        }

        _turn.Add(new Completion(waiter, answer));
    }

    /// <summary>Tells everybody who was answered in this turn.</summary>
    public void CompleteTurn()
    {
        if (_turn.Count == 0)
        {
            return;
        }

        List<Completion> turn = _turn;
        _turn = new List<Completion>(Math.Min(turn.Count, 256));
        for (int at = 0; at < turn.Count; at += CompletionsPerWorkItem)
        {
            var work = new Work(turn, at, Math.Min(turn.Count, at + CompletionsPerWorkItem));
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    /// <summary>Fails everybody who still waits.</summary>
    public void FailAll(GroupException failure)
    {
        for (int token = 0; token < _used; token++)
        {
            bool waits;
            lock (_gate)
            {
                waits = _waiting[token] is not null;
            }

            if (waits)
            {
                Finish((ulong)token, failure);
            }
        }

        CompleteTurn();
    }

    private void Count(bool isCommand, GroupException? failure)
    {
        if (isCommand)
        {
            _pendingCommands--;
            _failedCommands += failure is null ? 0 : 1;
        }
        else if (failure is { Error: GroupError.Timeout or GroupError.NoLeader })
        {
            _overdueReads++;
        }
    }

    private ulong Add(object source, int commands)
    {
        lock (_gate)
        {
            _pendingCommands += commands;
            if (!_free.TryPop(out int token))
            {
                token = _used++;
                if (token == _waiting.Length)
                {
                    Array.Resize(ref _waiting, _waiting.Length * 2);
                }
            }

            _waiting[token] = source;
            return (ulong)token;
        }
    }

    private readonly record struct Completion(object Waiter, object Answer)
    {
        public void Run()
        {
            switch (Waiter, Answer)
            {
                case (TaskCompletionSource<CommandResult> source, CommandResult result):
                    source.TrySetResult(result);
                    break;
                case (TaskCompletionSource<StateVersion> source, StateVersion state):
                    source.TrySetResult(state);
                    break;
                case (TaskCompletionSource<CommandResult> source, GroupException failure):
                    source.TrySetException(failure);
                    break;
                case (TaskCompletionSource<StateVersion> source, GroupException failure):
                    source.TrySetException(failure);
                    break;
                default:
                    throw new InvariantException("A token was answered with something of another kind.");
            }
        }
    }

    private sealed class Work(List<Completion> turn, int from, int until) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            for (int at = from; at < until; at++)
            {
                turn[at].Run();
            }
        }
    }
}
