namespace Quorate.State;

/// <content>Commands about client sessions and under them, gated by <see cref="FeatureLevel.Sessions"/>.</content>
public sealed partial class StateMachine
{
    private readonly SessionTable _sessions;

    /// <summary>Applies a command unless it was answered before under its number; then gives that answer again.</summary>
    private CommandResult? ApplyInSession(ReadOnlyMemory<byte> bytes, bool wantResult)
    {
        if (_featureLevel < FeatureLevel.Sessions)
        {
            return Refuse(StateError.FeatureLevel, wantResult);
        }

        SessionFields request = CommandCodec.DecodeSession(bytes);
        if ((_options.Plants & StatePlants.SessionReopened) != 0)
        {
            _sessions.Open(request.Session, _leaseTimeMs);
        }

        StateError error = _sessions.Admit(request, _leaseTimeMs, out ReadOnlyMemory<byte> answer);
        if (error != StateError.None)
        {
            return Refuse(error, wantResult);
        }

        if (!answer.IsEmpty)
        {
            if ((_options.Plants & StatePlants.SessionRetryApplied) != 0)
            {
                return ApplyBytes(request.Command, wantResult);
            }

            return wantResult ? AnswerCodec.Decode(answer) : null;
        }

        CommandResult result = ApplyBytes(request.Command, wantResult: true)!;
        _sessions.Keep(request, result);
        return wantResult ? result : null;
    }
}
