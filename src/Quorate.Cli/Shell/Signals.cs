using System.Runtime.InteropServices;

namespace Quorate.Cli.Shell;

/// <summary>
/// Turns the signals that ask a program to stop into a cancellation, and remembers which one it was. A second one of the same kind
/// ends the program at once, for a user whose patience is over.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _count;

    public Signals()
    {
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    public CancellationToken Stop => _stop.Token;

    /// <summary>The signal that came first.</summary>
    public PosixSignal? Received { get; private set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            Received = context.Signal;
            _stop.Cancel();
        }
        else if (context.Signal == PosixSignal.SIGINT)
        {
            Environment.Exit(ExitCode.Interrupted);
        }
    }
}
