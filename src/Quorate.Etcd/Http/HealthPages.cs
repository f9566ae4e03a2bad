using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Quorate.Consensus;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;

namespace Quorate.Etcd;

/// <summary><c>/health</c>, <c>/livez</c> and <c>/readyz</c> with a page for each check below them, as etcd answers them (its <c>etcdhttp/health.go</c>).</summary>
internal sealed class HealthPages
{
    private readonly DoorGroup _group;
    private readonly HealthCheck[] _live;
    private readonly HealthCheck[] _ready;

    public HealthPages(DoorGroup group)
    {
        _group = group;
        var serializable = new HealthCheck("serializable_read", _ => ValueTask.FromResult(LocalRead()));
        _live = [serializable];
        _ready =
        [
            new("data_corruption", _ => ValueTask.FromResult(DataCorruption())),
            serializable,
            new("linearizable_read", LinearizableReadAsync),
            new("non_learner", _ => ValueTask.FromResult(NonLearner())),
        ];
    }

    private readonly record struct HealthCheck(string Name, Func<CancellationToken, ValueTask<string?>> RunAsync);

    public async Task HealthAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        string? reason = await WhyUnhealthyAsync(query["exclude"], query["serializable"] == "true", context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        string healthy = reason is null ? "true" : "false";
        await WriteAsync(context, "application/json", $"{{\"health\":\"{healthy}\",\"reason\":\"{EscapeJson(reason)}\"}}").ConfigureAwait(false);
    }

    /// <summary>Answers <c>/livez</c>, <c>/readyz</c> and the pages of their checks; <see langword="null"/> for any other path.</summary>
    public Task? TryServeAsync(HttpContext context, string path)
    {
        int slash = path.IndexOf('/', 1);
        HealthCheck[]? checks = (slash < 0 ? path : path[..slash]) switch
        {
            "/livez" => _live,
            "/readyz" => _ready,
            _ => null,
        };
        if (checks is null || slash < 0)
        {
            return checks is null ? null : RunAsync(context, checks, context.Request.Query["exclude"]);
        }

        HealthCheck[] one = Array.FindAll(checks, check => check.Name == path[(slash + 1)..]);
        return one.Length == 0 ? null : RunAsync(context, one, []);
    }

    public static string EscapeJson(string? text) =>
        (text ?? string.Empty).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    public static Task WriteAsync(HttpContext context, string contentType, string body)
    {
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body);
    }

    private static async Task RunAsync(HttpContext context, HealthCheck[] checks, StringValues excluded)
    {
        StringBuilder report = new();
        bool failed = false;
        foreach (HealthCheck check in checks.Where(check => !excluded.Contains(check.Name)))
        {
            string? reason = await check.RunAsync(context.RequestAborted).ConfigureAwait(false);
            failed |= reason is not null;
            report.Append(reason is null ? $"[+]{check.Name} ok\n" : $"[-]{check.Name} failed: {reason}\n");
        }

        context.Response.StatusCode = failed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        string details = failed || context.Request.Query.ContainsKey("verbose") ? report.ToString() : string.Empty;
        await WriteAsync(context, "text/plain; charset=utf-8", details + (failed ? "\n" : "ok\n")).ConfigureAwait(false);
    }

    /// <summary>The first thing that is wrong: an alarm, no leader, or a read that fails.</summary>
    private async ValueTask<string?> WhyUnhealthyAsync(StringValues excludedAlarms, bool isLocal, CancellationToken cancellationToken)
    {
        GroupStatus status = _group.Inner.Status;
        string alarm = DoorAlarm.TypeOf(status).ToString().ToUpperInvariant();
        if (status.Alarm.Length > 0 && !excludedAlarms.Contains(alarm))
        {
            return "ALARM " + alarm;
        }

        if (!isLocal && status.Leader.IsNone)
        {
            return "RAFT NO LEADER";
        }

        string? failure = isLocal ? LocalRead() : await LinearizableReadAsync(cancellationToken).ConfigureAwait(false);
        return failure is null ? null : "RANGE ERROR:" + failure;
    }

    private string? DataCorruption() => DoorAlarm.TypeOf(_group.Inner.Status) == AlarmType.Corrupt ? "alarm activated: CORRUPT" : null;

    private string? NonLearner() => _group.Inner.Status.Role == Role.Learner ? "not supported for learner" : null;

    private string? LocalRead()
    {
        try
        {
            _ = _group.LocalState.Revision;
            return null;
        }
        catch (RpcException exception)
        {
            return exception.Message;
        }
    }

    private async ValueTask<string?> LinearizableReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _group.ReadAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (RpcException exception)
        {
            return exception.Message;
        }
    }
}
