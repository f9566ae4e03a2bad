using System.Text;
using Microsoft.AspNetCore.Http;
using Quorate.Consensus;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;

namespace Quorate.Etcd;

/// <summary><c>/health</c>, <c>/livez</c> and <c>/readyz</c>, as etcd answers them.</summary>
internal sealed class HealthPages(DoorGroup group)
{
    private readonly record struct HealthCheck(string Name, Func<CancellationToken, ValueTask<string?>> RunAsync);

    public async Task HealthAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        GroupStatus status = group.Inner.Status;
        AlarmType alarm = DoorAlarm.TypeOf(status);
        bool excluded = query["exclude"].Any(name => string.Equals(name, alarm.ToString(), StringComparison.OrdinalIgnoreCase));
        string? reason = alarm != AlarmType.None && !excluded ? "ALARM " + alarm.ToString().ToUpperInvariant() : null;
        if (reason is null && query["serializable"] != "true")
        {
            reason = status.Leader.IsNone ? "RAFT NO LEADER" : await LinearizableReadAsync(context.RequestAborted).ConfigureAwait(false);
        }

        context.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        string healthy = reason is null ? "true" : "false";
        await WriteAsync(context, "application/json", $"{{\"health\":\"{healthy}\",\"reason\":\"{EscapeJson(reason)}\"}}").ConfigureAwait(false);
    }

    public Task LiveAsync(HttpContext context) => RunAsync(context, [new("serializable_read", SerializableReadAsync)]);

    public Task ReadyAsync(HttpContext context) => RunAsync(context, [
        new("data_corruption", DataCorruptionAsync),
        new("serializable_read", SerializableReadAsync),
        new("linearizable_read", LinearizableReadAsync),
        new("non_learner", NonLearnerAsync),
    ]);

    public static string EscapeJson(string? text) =>
        (text ?? string.Empty).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    public static Task WriteAsync(HttpContext context, string contentType, string body)
    {
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body);
    }

    private static async Task RunAsync(HttpContext context, HealthCheck[] checks)
    {
        IQueryCollection query = context.Request.Query;
        StringBuilder report = new();
        bool failed = false;
        foreach (HealthCheck check in checks)
        {
            if (query["exclude"].Contains(check.Name))
            {
                report.Append($"[+]{check.Name} excluded: ok\n");
                continue;
            }

            string? reason = await check.RunAsync(context.RequestAborted).ConfigureAwait(false);
            failed |= reason is not null;
            report.Append(reason is null ? $"[+]{check.Name} ok\n" : $"[-]{check.Name} failed: {reason}\n");
        }

        context.Response.StatusCode = failed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        bool verbose = failed || query.ContainsKey("verbose");
        await WriteAsync(context, "text/plain; charset=utf-8", verbose ? $"{report}{(failed ? "failed" : "ok")}\n" : "ok\n").ConfigureAwait(false);
    }

    private ValueTask<string?> DataCorruptionAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(DoorAlarm.TypeOf(group.Inner.Status) == AlarmType.Corrupt ? "alarm activated: CORRUPT" : null);

    private ValueTask<string?> SerializableReadAsync(CancellationToken cancellationToken)
    {
        _ = group.State.Revision;
        return ValueTask.FromResult<string?>(null);
    }

    private async ValueTask<string?> LinearizableReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await group.ReadAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (RpcException exception)
        {
            return exception.Message;
        }
    }

    private ValueTask<string?> NonLearnerAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(group.Inner.Status.Role == Role.Learner ? "this is a learner" : null);
}
