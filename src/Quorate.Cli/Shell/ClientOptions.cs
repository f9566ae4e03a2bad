using System.CommandLine;
using Quorate.Client;

namespace Quorate.Cli.Shell;

/// <summary>The options of every command that talks to a cluster.</summary>
internal sealed class ClientOptions
{
    public const string DefaultEndpoint = "http://127.0.0.1:2379";
    private const double DefaultTimeoutSeconds = 15;

    /// <summary>Whoever typed a command is waiting: a server that comes back is to be noticed soon.</summary>
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMilliseconds(200);

    public Option<IReadOnlyList<Uri>> Endpoints { get; } = LayeredOption.Create<IReadOnlyList<Uri>>(
        "--endpoints", "Client URLs of the cluster, separated by commas.", [new Uri(DefaultEndpoint)], Values.ClientUrls, "URL,…");

    public Option<double> Timeout { get; } = LayeredOption.Create(
        "--timeout-seconds", "How long one request may take, with its retries.", DefaultTimeoutSeconds, Values.Positive, "S");

    public void AddTo(Command command)
    {
        command.Options.Add(Endpoints);
        command.Options.Add(Timeout);
    }

    public QuorateClient Connect(ParseResult result) => Connect(result.GetValue(Endpoints)!, TimeoutOf(result));

    public TimeSpan TimeoutOf(ParseResult result) => TimeSpan.FromSeconds(result.GetValue(Timeout));

    public static QuorateClient Connect(IReadOnlyList<Uri> endpoints, TimeSpan timeout) =>
        new(new QuorateClientOptions { Endpoints = endpoints, RequestTimeout = timeout, LongestBackOff = LongestBackOff });
}
