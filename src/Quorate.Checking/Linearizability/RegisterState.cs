namespace Quorate.Checking;

/// <summary>The values and versions of a few keys, immutable: the state that the search walks over.</summary>
internal sealed class RegisterState : IEquatable<RegisterState>
{
    private readonly Register[] _registers;
    private readonly int _hash;

    private RegisterState(Register[] registers)
    {
        _registers = registers;
        var hash = new HashCode();
        foreach (Register register in registers)
        {
            hash.Add(register);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>All keys missing.</summary>
    public static RegisterState Empty(int keys) => new(new Register[keys]);

    /// <summary>Runs an operation on the state.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="keys">The keys of the state, in ordinal order.</param>
    /// <returns>The state after it, or <see langword="null"/> when it would have been answered otherwise.</returns>
    public RegisterState? Apply(Operation operation, string[] keys)
    {
        bool isAnswered = operation.Outcome == Outcome.Ok;
        bool holds = operation.If.All(guard => Holds(guard, keys));
        if (isAnswered && holds == operation.TookElse)
        {
            return null;
        }

        IReadOnlyList<Step> steps = holds ? operation.Then : operation.Else;
        Register[]? changed = null;
        for (int index = 0; index < steps.Count; index++)
        {
            Step step = steps[index];
            bool fits = step.Kind switch
            {
                StepKind.Put => Put(step, keys, changed ??= [.. _registers]),
                StepKind.Delete => Delete(step, keys, changed ??= [.. _registers]) is var deleted && (!isAnswered || deleted == operation.Results[index].Deleted),
                _ => !isAnswered || Matches(step, keys, changed ?? _registers, operation.Results[index].Found ?? []),
            };
            if (!fits)
            {
                return null;
            }
        }

        return changed is null ? this : new RegisterState(changed);
    }

    public bool Equals(RegisterState? other) => other is not null && _hash == other._hash && _registers.AsSpan().SequenceEqual(other._registers);

    public override bool Equals(object? obj) => Equals(obj as RegisterState);

    public override int GetHashCode() => _hash;

    /// <summary>"a=1 (version 2), b missing".</summary>
    public string Describe(string[] keys) => string.Join(", ", keys.Select((key, index) =>
        _registers[index].Value is { } value ? $"{key}={value} (version {_registers[index].Version})" : $"{key} missing"));

    private bool Holds(Guard guard, string[] keys)
    {
        Register register = _registers[Array.IndexOf(keys, guard.Key)];
        return guard.Holds(register.Value, register.Version, 0, 0);
    }

    private static bool Put(Step step, string[] keys, Register[] registers)
    {
        int key = Array.IndexOf(keys, step.Key);
        registers[key] = new Register(step.Value ?? "", registers[key].Version + 1);
        return true;
    }

    private static long Delete(Step step, string[] keys, Register[] registers)
    {
        long deleted = 0;
        for (int key = 0; key < keys.Length; key++)
        {
            if (registers[key].Value is not null && step.Covers(keys[key]))
            {
                registers[key] = default;
                deleted++;
            }
        }

        return deleted;
    }

    private static bool Matches(Step step, string[] keys, Register[] registers, IReadOnlyList<KeyVersion> found)
    {
        int next = 0;
        for (int key = 0; key < keys.Length; key++)
        {
            if (registers[key].Value is not { } value || !step.Covers(keys[key]))
            {
                continue;
            }

            if (next == found.Count || found[next].Key != keys[key] || found[next].Value != value || found[next].Version != registers[key].Version)
            {
                return false;
            }

            next++;
        }

        return next == found.Count;
    }

    private readonly record struct Register(string? Value, long Version);
}
