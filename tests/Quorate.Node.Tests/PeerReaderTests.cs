using System.Net;
using System.Net.Sockets;
using Quorate.Consensus;

namespace Quorate.Node.Tests;

public sealed class PeerReaderTests : IDisposable
{
    private static readonly NodeId Peer = new(7);

    private readonly Socket _sender = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly PeerReader _reader;
    private readonly List<byte[]> _frames = [];

    public PeerReaderTests()
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        _sender.Connect(listener.LocalEndPoint!);
        _reader = new PeerReader(Peer, listener.Accept(), new PeerTraffic(Peer));
    }

    public void Dispose()
    {
        _sender.Dispose();
        _reader.Dispose();
    }

    [Fact]
    public void Frames_come_whole_however_they_were_cut()
    {
        byte[] first = [1, 2, 3];
        byte[] second = new byte[300_000];
        Random.Shared.NextBytes(second);
        byte[] bytes = [.. HandshakeFrames.Frame(first), .. HandshakeFrames.Frame(second), .. HandshakeFrames.Frame(first)];
        var sending = new Thread(() => Send(bytes));
        sending.Start();
        while (_frames.Count < 3)
        {
            Assert.True(Receive());
        }

        sending.Join();
        Assert.Equal([first, second, first], _frames);
        Assert.True(Receive(), "Nothing waits, and the connection is still good.");
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 9 })]
    [InlineData(new byte[] { 255, 255, 255, 127, 0, 0, 0, 0 })]
    public void Nonsense_ends_the_reader(byte[] nonsense)
    {
        Send(nonsense);
        while (Receive())
        {
            Thread.Yield();
        }

        Assert.Empty(_frames);
    }

    [Fact]
    public void The_end_of_the_connection_ends_the_reader_behind_what_was_sent()
    {
        Send(HandshakeFrames.Frame([5]));
        _sender.Shutdown(SocketShutdown.Send);
        while (Receive())
        {
            Thread.Yield();
        }

        Assert.Equal([[5]], _frames);
    }

    private void Send(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length; at += 7_001)
        {
            _sender.Send(bytes.AsSpan(at, Math.Min(7_001, bytes.Length - at)));
        }
    }

    private bool Receive() => _reader.Receive((from, payload) =>
    {
        Assert.Equal(Peer, from);
        _frames.Add(payload.ToArray());
    });
}
