using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Client;

/// <summary>Takes messages off a response stream, through one pooled buffer that grows to the largest message.</summary>
internal sealed class FrameReader(Stream stream, int maxBytes) : IDisposable
{
    private const int FirstBufferBytes = 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int _start;
    private int _end;

    /// <summary>The next message; <see langword="null"/> at the end of the stream.</summary>
    public async ValueTask<TMessage?> ReadAsync<TMessage>(MessageParser<TMessage> parser, CancellationToken cancellationToken)
        where TMessage : class, IMessage<TMessage>
    {
        if (!await FillAsync(Frames.PrefixBytes, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        uint size = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + 1));
        if (_buffer[_start] != 0)
        {
            throw new RpcException(StatusCode.Internal, "the server compressed a message without being asked to");
        }

        if (size > (uint)Math.Min(maxBytes, Array.MaxLength - Frames.PrefixBytes))
        {
            throw new RpcException(StatusCode.ResourceExhausted, $"grpc: received message larger than max ({size} vs. {maxBytes})");
        }

        if (!await FillAsync(Frames.PrefixBytes + (int)size, cancellationToken).ConfigureAwait(false))
        {
            throw new RpcException(StatusCode.Internal, "unexpected EOF");
        }

        TMessage message = parser.ParseFrom(_buffer, _start + Frames.PrefixBytes, (int)size);
        _start += Frames.PrefixBytes + (int)size;
        return message;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Makes sure of so many bytes; false when the stream ended exactly before them.</summary>
    private async ValueTask<bool> FillAsync(int needed, CancellationToken cancellationToken)
    {
        if (_end - _start >= needed)
        {
            return true;
        }

        MakeRoom(needed);
        while (_end - _start < needed)
        {
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return _end == _start ? false : throw new RpcException(StatusCode.Internal, "unexpected EOF");
            }

            _end += read;
        }

        return true;
    }

    private void MakeRoom(int needed)
    {
        int held = _end - _start;
        if (_buffer.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(needed);
            _buffer.AsSpan(_start, held).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else if (_buffer.Length - _start < needed || held == 0)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            return;
        }

        _start = 0;
        _end = held;
    }
}
