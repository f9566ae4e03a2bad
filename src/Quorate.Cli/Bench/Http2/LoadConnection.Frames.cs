using System.Buffers.Binary;

namespace Quorate.Cli.Bench.Http2;

/// <content>Frames, in and out.</content>
internal sealed partial class LoadConnection
{
    private const int FrameHeaderBytes = 9;
    private const int LargestFrameBytes = 16_384;
    private const int GrpcPrefixBytes = 5;
    private const int LargestWindow = int.MaxValue;
    private const int AcknowledgeAfterBytes = 1 << 28;
    private const int LargestReceivedMessage = 64 * 1024 * 1024;
    private const byte FlagEnd = 0x1;
    private const byte FlagEndHeaders = 0x4;
    private const byte FlagPadded = 0x8;
    private const byte FlagPriority = 0x20;

    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly List<byte> _headerBlock = [];
    private byte _headerFlags;
    private int _headerStream;
    private long _unacknowledged;

    private enum FrameType : byte
    {
        Data = 0,
        Headers = 1,
        Priority = 2,
        Reset = 3,
        Settings = 4,
        Push = 5,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
        Continuation = 9,
    }

    private enum Setting : ushort
    {
        EnablePush = 2,
        MostStreams = 3,
        InitialWindow = 4,
    }

    private void Take(FrameType type, byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.Data:
                TakeData(flags, streamId, payload);
                break;
            case FrameType.Headers:
                TakeHeaders(flags, streamId, payload);
                break;
            case FrameType.Continuation:
                _headerBlock.AddRange(payload);
                _headerFlags |= (byte)(flags & FlagEndHeaders);
                FinishHeaders();
                break;
            case FrameType.Reset:
                if (_streams.TryGetValue(streamId, out LoadStream? reset))
                {
                    End(reset, -1, $"the stream was reset with code {BinaryPrimitives.ReadUInt32BigEndian(payload)}");
                }

                break;
            case FrameType.Settings when (flags & FlagEnd) == 0:
                TakeSettings(payload);
                break;
            case FrameType.Ping when (flags & FlagEnd) == 0:
                WriteFrame(FrameType.Ping, FlagEnd, 0, payload);
                break;
            case FrameType.GoAway:
                throw new IOException($"{Endpoint} closed the connection (GOAWAY code {BinaryPrimitives.ReadUInt32BigEndian(payload[4..])})");
            case FrameType.WindowUpdate:
                TakeWindow(streamId, BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue);
                break;
            default:
                break;
        }
    }

    private void TakeData(byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        _unacknowledged += payload.Length;
        if (_unacknowledged > AcknowledgeAfterBytes)
        {
            WriteWindow(0, (int)_unacknowledged);
            _unacknowledged = 0;
        }

        if (!_streams.TryGetValue(streamId, out LoadStream? stream))
        {
            return;
        }

        stream.Unacknowledged += payload.Length;
        if (stream.Unacknowledged > AcknowledgeAfterBytes)
        {
            WriteWindow(streamId, (int)stream.Unacknowledged);
            stream.Unacknowledged = 0;
        }

        TakeMessages(stream, WithoutPadding(flags, payload));
        if ((flags & FlagEnd) != 0)
        {
            End(stream, -1, "the server ended the call without a status");
        }
    }

    private void TakeMessages(LoadStream stream, ReadOnlySpan<byte> bytes)
    {
        if (stream.PartialBytes > 0)
        {
            Append(stream, bytes);
            bytes = stream.Partial.AsSpan(0, stream.PartialBytes);
        }

        int taken = 0;
        while (bytes.Length - taken >= GrpcPrefixBytes)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[(taken + 1)..]);
            if (length > LargestReceivedMessage)
            {
                throw new FormatException($"{Endpoint} sent a message of {length} bytes");
            }

            if (bytes.Length - taken - GrpcPrefixBytes < length)
            {
                break;
            }

            _handler.OnMessage(this, stream, bytes.Slice(taken + GrpcPrefixBytes, (int)length));
            taken += GrpcPrefixBytes + (int)length;
        }

        ReadOnlySpan<byte> rest = bytes[taken..];
        if (stream.PartialBytes > 0)
        {
            rest.CopyTo(stream.Partial);
            stream.PartialBytes = rest.Length;
        }
        else
        {
            Append(stream, rest);
        }
    }

    private static void Append(LoadStream stream, ReadOnlySpan<byte> bytes)
    {
        if (stream.Partial.Length < stream.PartialBytes + bytes.Length)
        {
            byte[] larger = new byte[Math.Max(1024, 2 * (stream.PartialBytes + bytes.Length))];
            stream.Partial.AsSpan(0, stream.PartialBytes).CopyTo(larger);
            stream.Partial = larger;
        }

        bytes.CopyTo(stream.Partial.AsSpan(stream.PartialBytes));
        stream.PartialBytes += bytes.Length;
    }

    private void TakeHeaders(byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> block = WithoutPadding(flags, payload);
        if ((flags & FlagPriority) != 0)
        {
            const int PriorityBytes = 5;
            block = block[PriorityBytes..];
        }

        if ((flags & FlagEndHeaders) != 0)
        {
            TakeBlock(streamId, flags, block);
            return;
        }

        (_headerFlags, _headerStream) = (flags, streamId);
        _headerBlock.AddRange(block);
    }

    private void FinishHeaders()
    {
        if ((_headerFlags & FlagEndHeaders) == 0)
        {
            return;
        }

        TakeBlock(_headerStream, _headerFlags, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_headerBlock));
        _headerBlock.Clear();
    }

    private void TakeBlock(int streamId, byte flags, ReadOnlySpan<byte> block)
    {
        _decoder.Decode(block);
        if ((flags & FlagEnd) != 0 && _streams.TryGetValue(streamId, out LoadStream? stream))
        {
            End(stream, _decoder.Status, _decoder.Message);
        }
    }

    private static ReadOnlySpan<byte> WithoutPadding(byte flags, ReadOnlySpan<byte> payload) =>
        (flags & FlagPadded) == 0 ? payload : payload[1..^payload[0]];

    private void TakeSettings(ReadOnlySpan<byte> payload)
    {
        const int SettingBytes = 6;
        for (; payload.Length >= SettingBytes; payload = payload[SettingBytes..])
        {
            uint value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
            switch ((Setting)BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case Setting.MostStreams:
                    _mostStreams = (int)Math.Min(value, int.MaxValue);
                    break;
                case Setting.InitialWindow:
                    foreach (LoadStream stream in _streams.Values)
                    {
                        stream.SendWindow += value - _initialStreamWindow;
                    }

                    _initialStreamWindow = value;
                    break;
                default:
                    break;
            }
        }

        WriteFrame(FrameType.Settings, FlagEnd, 0, []);
    }

    private void TakeWindow(int streamId, uint increment)
    {
        if (streamId == 0)
        {
            _sendWindow += increment;
        }
        else if (_streams.TryGetValue(streamId, out LoadStream? stream))
        {
            stream.SendWindow += increment;
        }
    }

    private void WritePreface()
    {
        Preface.CopyTo(Room(Preface.Length));
        Span<byte> settings = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(settings, (ushort)Setting.EnablePush);
        BinaryPrimitives.WriteUInt32BigEndian(settings[2..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(settings[6..], (ushort)Setting.InitialWindow);
        BinaryPrimitives.WriteUInt32BigEndian(settings[8..], LargestWindow);
        WriteFrame(FrameType.Settings, 0, 0, settings);
        WriteWindow(0, LargestWindow - DefaultWindow);
    }

    private void WriteHeaders(int streamId, string path)
    {
        Span<byte> block = stackalloc byte[HeaderEncoder.MostBytes];
        int length = _headers.Write(block, path);
        WriteFrame(FrameType.Headers, FlagEndHeaders, streamId, block[..length]);
    }

    private void WriteData(int streamId, ReadOnlySpan<byte> message, bool isLast)
    {
        Span<byte> prefix = stackalloc byte[GrpcPrefixBytes];
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], message.Length);
        int first = Math.Min(message.Length, LargestFrameBytes - GrpcPrefixBytes);
        bool isWhole = first == message.Length;
        WriteFrameHeader(FrameType.Data, isWhole && isLast ? FlagEnd : (byte)0, streamId, GrpcPrefixBytes + first);
        prefix.CopyTo(Room(GrpcPrefixBytes));
        message[..first].CopyTo(Room(first));
        for (int at = first; at < message.Length;)
        {
            int length = Math.Min(message.Length - at, LargestFrameBytes);
            WriteFrame(FrameType.Data, at + length == message.Length && isLast ? FlagEnd : (byte)0, streamId, message.Slice(at, length));
            at += length;
        }
    }

    private void WriteWindow(int streamId, int increment)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, increment);
        WriteFrame(FrameType.WindowUpdate, 0, streamId, payload);
    }

    private void WriteFrame(FrameType type, byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        WriteFrameHeader(type, flags, streamId, payload.Length);
        payload.CopyTo(Room(payload.Length));
    }

    private void WriteFrameHeader(FrameType type, byte flags, int streamId, int length)
    {
        Span<byte> header = Room(FrameHeaderBytes);
        header[0] = (byte)(length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(header[1..], (ushort)length);
        header[3] = (byte)type;
        header[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], streamId);
    }

    /// <summary>The next bytes of the output; they count as written.</summary>
    private Span<byte> Room(int bytes)
    {
        if (_output.Length - _outputEnd < bytes)
        {
            byte[] target = _output.Length - (_outputEnd - _outputStart) >= bytes ? _output : new byte[2 * (_output.Length + bytes)];
            _output.AsSpan(_outputStart, _outputEnd - _outputStart).CopyTo(target);
            _output = target;
            _outputEnd -= _outputStart;
            _outputStart = 0;
        }

        Span<byte> room = _output.AsSpan(_outputEnd, bytes);
        _outputEnd += bytes;
        return room;
    }
}
