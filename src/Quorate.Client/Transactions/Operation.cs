using System.Text;
using Quorate.Etcd.Contract;

namespace Quorate.Client;

/// <summary>A read or a write inside a transaction.</summary>
public sealed class Operation
{
    private Operation(RequestOp wire) => Wire = wire;

    internal RequestOp Wire { get; }

    /// <summary>Reads keys.</summary>
    public static Operation Range(KeyRange range, RangeOptions? options = null) =>
        new(new RequestOp { RequestRange = Client.Wire.Range(range, options) });

    /// <summary>Writes a key.</summary>
    public static Operation Put(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, PutOptions? options = null) =>
        new(new RequestOp { RequestPut = Client.Wire.Put(key, value, options) });

    /// <summary>Writes a key; both are text in UTF-8.</summary>
    public static Operation Put(string key, string value, PutOptions? options = null) =>
        Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), options);

    /// <summary>Deletes keys.</summary>
    public static Operation Delete(KeyRange range, bool returnPrevious = false) =>
        new(new RequestOp { RequestDeleteRange = Client.Wire.Delete(range, returnPrevious) });
}
