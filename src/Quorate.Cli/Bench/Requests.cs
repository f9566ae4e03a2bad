using System.Buffers.Binary;
using System.Buffers.Text;
using Quorate.Etcd.Contract;

namespace Quorate.Cli.Bench;

/// <summary>Writes the requests of a load; the field numbers are those of etcd's rpc.proto.</summary>
internal sealed class Requests
{
    public const int StampBytes = sizeof(long);
    public static readonly byte[] KeyPrefix = "quorate-bench/"u8.ToArray();
    private const int KeyDigits = 10;
    private const int Seed = 20_090_312;
    private const int MixedReadsPerHundred = 80;

    /// <summary>Room for everything in a request that is not the value.</summary>
    private const int OverheadBytes = 256;

    private readonly BenchSettings _settings;

    /// <summary>Always the same keys in the same order, so that two runs are the same load.</summary>
    private readonly Random _random = new(Seed);
    private readonly byte[] _buffer;
    private readonly byte[] _inner;
    private readonly byte[] _value;
    private readonly byte[] _key;

    public Requests(BenchSettings settings)
    {
        _settings = settings;
        _buffer = new byte[settings.ValueBytes + OverheadBytes];
        _inner = new byte[settings.ValueBytes + OverheadBytes];
        _value = new byte[settings.ValueBytes];
        _random.NextBytes(_value);
        _key = [.. KeyPrefix, .. new byte[KeyDigits]];
    }

    public int LargestBytes => _buffer.Length;

    /// <summary>The number of the key in the request that was written last.</summary>
    public long LastKey { get; private set; }

    /// <summary>The next request of the load.</summary>
    /// <param name="number">How many came before it.</param>
    /// <param name="stamp">Goes into the first bytes of a written value.</param>
    /// <param name="path">The method.</param>
    public ReadOnlySpan<byte> Next(long number, long stamp, out string path)
    {
        SetKey(_settings.IsSequential ? number % _settings.Keys : _random.Next(_settings.Keys));
        BenchKind kind = _settings.Kind != BenchKind.Mixed ? _settings.Kind
            : _random.Next(100) < MixedReadsPerHundred ? BenchKind.Range : BenchKind.Put;
        switch (kind)
        {
            case BenchKind.Range:
                path = EtcdMethods.Range;
                return Range();
            case BenchKind.Txn:
                path = EtcdMethods.Txn;
                return Txn(stamp);
            default:
                path = EtcdMethods.Put;
                return Put(stamp);
        }
    }

    /// <summary>Writes key number <paramref name="key"/>, so that reads find it.</summary>
    public ReadOnlySpan<byte> Preload(long key)
    {
        SetKey(key);
        return Put(key);
    }

    /// <summary>Creates a watcher on one key, or on all.</summary>
    public ReadOnlySpan<byte> Watch(long key, long watchId)
    {
        SetKey(key);
        ProtoWriter create = new(_inner);
        create.Bytes(1, _settings.WatchPrefix ? KeyPrefix : _key);
        if (_settings.WatchPrefix)
        {
            Span<byte> end = stackalloc byte[KeyPrefix.Length];
            KeyPrefix.CopyTo(end);
            end[^1]++;
            create.Bytes(2, end);
        }

        create.Number(7, (ulong)watchId);
        ProtoWriter request = new(_buffer);
        request.Bytes(1, _inner.AsSpan(0, create.Length));
        return _buffer.AsSpan(0, request.Length);
    }

    private ReadOnlySpan<byte> Put(long stamp)
    {
        Stamp(stamp);
        ProtoWriter put = new(_buffer);
        put.Bytes(1, _key);
        put.Bytes(2, _value);
        return _buffer.AsSpan(0, put.Length);
    }

    private ReadOnlySpan<byte> Range()
    {
        ProtoWriter range = new(_buffer);
        range.Bytes(1, _key);
        if (_settings.IsSerializable)
        {
            range.Number(7, 1);
        }

        return _buffer.AsSpan(0, range.Length);
    }

    /// <summary>If the key's version is above −1, which always holds, write it: a comparison, and a write.</summary>
    private ReadOnlySpan<byte> Txn(long stamp)
    {
        const ulong Greater = 1;
        Stamp(stamp);
        ProtoWriter compare = new(_inner);
        compare.Number(1, Greater);
        compare.Bytes(3, _key);
        compare.Number(4, ulong.MaxValue);
        ProtoWriter txn = new(_buffer);
        txn.Bytes(1, _inner.AsSpan(0, compare.Length));

        ProtoWriter put = new(_inner);
        put.Bytes(1, _key);
        put.Bytes(2, _value);
        Span<byte> operation = new byte[put.Length + 8];
        ProtoWriter wrapped = new(operation);
        wrapped.Bytes(2, _inner.AsSpan(0, put.Length));
        txn.Bytes(2, operation[..wrapped.Length]);
        return _buffer.AsSpan(0, txn.Length);
    }

    private void SetKey(long number)
    {
        LastKey = number;
        Span<byte> digits = _key.AsSpan(KeyPrefix.Length);
        Utf8Formatter.TryFormat(number, digits, out _, new System.Buffers.StandardFormat('D', KeyDigits));
    }

    private void Stamp(long stamp)
    {
        if (_value.Length >= StampBytes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_value, stamp);
        }
    }
}
