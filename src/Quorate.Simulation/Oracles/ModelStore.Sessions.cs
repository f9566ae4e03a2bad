using Quorate.State;

namespace Quorate.Simulation;

/// <content>What sessions are and when they are forgotten; and, without any of that, that no write takes effect twice.</content>
internal sealed partial class ModelStore
{
    private readonly SortedDictionary<UInt128, ModelSession> _sessions = [];
    private readonly HashSet<object> _took = [];

    private string OpenSession(UInt128 id)
    {
        if (_sessions.Count >= sessionLimits.MaxSessions)
        {
            _sessions.Remove(LongestUnused());
        }

        _sessions.Add(id, new ModelSession { UsedMs = _leaseTimeMs });
        return string.Empty;
    }

    private string RunInSession(SessionCommand request, Operation? operation)
    {
        if (!_sessions.TryGetValue(request.Session, out ModelSession? session))
        {
            return $"r{Revision} {ResultText.Error(StateError.SessionExpired)}";
        }

        long acknowledged = Math.Max(session.Acknowledged, request.Acknowledged);
        bool isOver = request.Sequence <= acknowledged;
        if (isOver || request.Sequence > acknowledged + sessionLimits.Window)
        {
            return $"r{Revision} {ResultText.Error(isOver ? StateError.SequenceAcknowledged : StateError.SessionWindow)}";
        }

        session.UsedMs = _leaseTimeMs;
        session.Acknowledged = acknowledged;
        if (!session.Answers.TryGetValue(request.Sequence, out string? answer))
        {
            ViolationException.Require(_took.Add(operation!.Write!), "R16", $"{operation.Text} takes effect a second time");
            answer = Run(request.Inner, operation);
            session.Answers.Add(request.Sequence, answer);
        }

        return answer;
    }

    private void ForgetIdleSession()
    {
        if (_sessions.Count > 0)
        {
            UInt128 oldest = LongestUnused();
            if (_leaseTimeMs >= _sessions[oldest].UsedMs + (long)sessionLimits.MaxIdle.TotalMilliseconds)
            {
                _sessions.Remove(oldest);
            }
        }
    }

    private UInt128 LongestUnused()
    {
        (long usedMs, UInt128 found) = (long.MaxValue, 0);
        foreach ((UInt128 id, ModelSession session) in _sessions)
        {
            if (session.UsedMs < usedMs)
            {
                (usedMs, found) = (session.UsedMs, id);
            }
        }

        return found;
    }

    private sealed class ModelSession
    {
        public long UsedMs { get; set; }

        public long Acknowledged { get; set; }

        /// <summary>Every answer ever given under it, by number.</summary>
        public SortedDictionary<long, string> Answers { get; } = [];
    }
}
