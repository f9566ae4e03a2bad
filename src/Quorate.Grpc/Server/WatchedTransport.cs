using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Quorate.Grpc.Server;

/// <summary>
/// The two directions of an HTTP/2 connection below the server, watched for streams that begin and end: the server itself tells nobody when
/// an answer has left it.
/// </summary>
internal sealed class WatchedTransport(IDuplexPipe inner, UnreadAnswers unread) : IDuplexPipe
{
    /// <summary>What a client says before its first frame (RFC 9113 §3.4).</summary>
    private const int PrefaceBytes = 24;

    public PipeReader Input { get; } = new Reader(inner.Input, unread);

    public PipeWriter Output { get; } = new Writer(inner.Output, unread);

    private sealed class Reader : PipeReader
    {
        private readonly PipeReader _inner;
        private readonly UnreadAnswers _unread;
        private readonly FrameHeads _heads = new(PrefaceBytes);
        private readonly Action<FrameHead> _found;
        private ReadOnlySequence<byte> _buffer;

        public Reader(PipeReader inner, UnreadAnswers unread)
        {
            _inner = inner;
            _unread = unread;
            _found = Found;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ValueTask<ReadResult> reading = _inner.ReadAsync(cancellationToken);
            return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Keep(reading.Result)) : KeepAsync(reading);
        }

        public override bool TryRead(out ReadResult result)
        {
            bool has = _inner.TryRead(out result);
            _buffer = result.Buffer;
            return has;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            foreach (ReadOnlyMemory<byte> piece in _buffer.Slice(0, consumed))
            {
                _heads.Read(piece.Span, _found);
            }

            _buffer = default;
            _inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => _inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => _inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => _inner.CompleteAsync(exception);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<ReadResult> KeepAsync(ValueTask<ReadResult> reading) => Keep(await reading.ConfigureAwait(false));

        private ReadResult Keep(ReadResult result)
        {
            _buffer = result.Buffer;
            return result;
        }

        private void Found(FrameHead head)
        {
            // That the client has said everything ends nothing: the answer is still to come.
            if (head.Type == FrameHeads.Headers)
            {
                _unread.Opened(head.Stream);
            }
            else if (head.Type == FrameHeads.Reset)
            {
                _unread.Closed(head.Stream);
            }
        }
    }

    private sealed class Writer : PipeWriter
    {
        private readonly PipeWriter _inner;
        private readonly UnreadAnswers _unread;
        private readonly FrameHeads _heads = new(0);
        private readonly Action<FrameHead> _found;
        private Memory<byte> _memory;

        public Writer(PipeWriter inner, UnreadAnswers unread)
        {
            _inner = inner;
            _unread = unread;
            _found = Found;
        }

        public override bool CanGetUnflushedBytes => _inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => _inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = _inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            _heads.Read(_memory.Span[..bytes], _found);
            _memory = _memory[bytes..];
            _inner.Advance(bytes);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => _inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => _inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => _inner.CompleteAsync(exception);

        private void Found(FrameHead head)
        {
            if (head.Ends)
            {
                _unread.Closed(head.Stream);
            }
        }
    }
}
