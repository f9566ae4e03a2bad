using System.Text;

namespace Quorate.Storage.Tests;

/// <summary>Bytes and chance for the tests of the map and the snapshots.</summary>
internal static class MapTestBytes
{
    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);

    public static byte[] Number(int number) => Ascii($"key{number:D10}");

    public static byte[] Value(int number) => Ascii($"value of {number}");
}

/// <summary>The order of the map, for models of it.</summary>
internal sealed class MapKeyOrder : IComparer<byte[]>
{
    public static readonly MapKeyOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}

/// <summary>A seeded generator of the tests' own (xorshift64*).</summary>
internal sealed class MapTestChance(int seed)
{
    private ulong _state = ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL) + 1;

    public int Below(int bound)
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return (int)((_state * 0x2545F4914F6CDD1DUL) >> 33) % bound;
    }

    public byte[] Bytes(int length, int alphabet)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)Below(alphabet);
        }

        return bytes;
    }
}
