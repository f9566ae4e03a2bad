using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Clocks;

/// <summary>A wall clock that a process reads instead of the machine's, and that can be set while it runs.</summary>
internal sealed class ShiftedClock : IDisposable
{
    private const string Compiler = "/usr/bin/cc";
    private readonly string _directory;
    private readonly string _shift;

    private ShiftedClock(string directory, TimeSpan ahead)
    {
        _directory = directory;
        _shift = Path.Combine(directory, "shift");
        Set(ahead);
    }

    /// <summary>What a process must be started with to read this clock.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Path.Combine(_directory, "clock.so"),
        ["QUORATE_TEST_CLOCK"] = _shift,
    };

    /// <summary>Skips the test when there is no compiler for the few lines of C that it takes.</summary>
    public static async Task<ShiftedClock> CreateAsync(TimeSpan ahead)
    {
        Assert.SkipUnless(File.Exists(Compiler), "no C compiler is installed as /usr/bin/cc (Debian packages gcc, libc6-dev)");
        var clock = new ShiftedClock(TestRun.NewDirectory(), ahead);
        string source = Path.Combine(AppContext.BaseDirectory, "Clocks", "shifted_clock.c");
        (int code, string said) = await Child.RunAsync(Compiler, ["-Wall", "-Werror", "-O2", "-shared", "-fPIC", "-o", clock.Environment["LD_PRELOAD"], source]);
        Assert.True(code == 0, said);
        return clock;
    }

    /// <summary>Sets it so far ahead of the machine's clock; behind it when negative.</summary>
    public void Set(TimeSpan ahead)
    {
        // In place: the processes that read this clock have the file mapped.
        using FileStream file = new(_shift, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.Write(BitConverter.GetBytes((long)ahead.TotalSeconds));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
