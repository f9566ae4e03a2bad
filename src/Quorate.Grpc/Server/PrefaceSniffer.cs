using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Quorate.Grpc.Server;

/// <summary>
/// Lets HTTP/2 with prior knowledge and HTTP/1.1 share one port without TLS. Kestrel decides between them by what TLS
/// negotiated; where there is no TLS the first bytes tell just as well, and this puts the answer where Kestrel looks.
/// </summary>
internal static class PrefaceSniffer
{
    /// <summary>A connection that says nothing for so long is closed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0"u8;

    /// <param name="next">Serves the connection.</param>
    /// <param name="onHttp2">Told of a connection of HTTP/2 before it is served.</param>
    public static ConnectionDelegate Wrap(ConnectionDelegate next, Action<ConnectionContext> onHttp2) => async connection =>
    {
        if (await BeginsWithPrefaceAsync(connection).ConfigureAwait(false))
        {
            Http2Mark mark = new();
            connection.Features.Set<ITlsConnectionFeature>(mark);
            connection.Features.Set<ITlsApplicationProtocolFeature>(mark);
            onHttp2(connection);
        }

        await next(connection).ConfigureAwait(false);
    };

    private static async Task<bool> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(Patience);
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(limit.Token).ConfigureAwait(false);
                bool? verdict = Judge(result.Buffer);
                if (verdict is not null || result.IsCompleted)
                {
                    input.AdvanceTo(result.Buffer.Start);
                    return verdict ?? false;
                }

                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ConnectionResetException)
        {
            connection.Abort();
            return false;
        }
    }

    private static bool? Judge(ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[Preface.Length];
        int length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        if (!start[..length].SequenceEqual(Preface[..length]))
        {
            return false;
        }

        return length == Preface.Length ? true : null;
    }

    private sealed class Http2Mark : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        private static readonly ReadOnlyMemory<byte> Http2 = SslApplicationProtocol.Http2.Protocol;

        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol => Http2;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }
}
