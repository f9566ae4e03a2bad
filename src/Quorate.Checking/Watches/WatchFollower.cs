namespace Quorate.Checking;

/// <summary>Follows one recorded watch message by message.</summary>
internal sealed class WatchFollower(
    WatchRecording recording,
    WriteHistory writes,
    Dictionary<(long Revision, string Key), WatchedEvent> told,
    ProblemList problems)
{
    private long _start;
    private long _last;
    private long _bookmark;
    private long _checkedTo;

    public void Run()
    {
        if (recording.Responses.Count == 0)
        {
            return;
        }

        if (recording.Responses[0].Kind != WatchResponseKind.Created)
        {
            Add("does not begin with its creation");
            return;
        }

        _start = recording.Start == 0 ? recording.Responses[0].Revision + 1 : recording.Start;
        bool isOver = false;
        foreach (WatchResponse response in recording.Responses.Skip(1))
        {
            if (isOver)
            {
                Add("a message after its end");
                return;
            }

            isOver = response.Kind == WatchResponseKind.Canceled;
            Follow(response);
        }

        if (recording.Complete && !isOver)
        {
            RequireNothingMissing(writes.Last, "reliable: missing at the end");
        }
    }

    private void Follow(WatchResponse response)
    {
        switch (response.Kind)
        {
            case WatchResponseKind.Created:
                Add("created twice");
                break;
            case WatchResponseKind.Events:
                FollowEvents(response);
                break;
            case WatchResponseKind.Progress:
                if (response.Revision < _bookmark)
                {
                    Add($"bookmarkable: progress went back from {_bookmark} to {response.Revision}");
                }

                _bookmark = Math.Max(_bookmark, response.Revision);
                RequireNothingMissing(response.Revision, $"bookmarkable: progress {response.Revision} was told before");
                break;
            case WatchResponseKind.Canceled:
                if (response.CompactRevision != 0 && response.CompactRevision <= Math.Max(_start, _last + 1))
                {
                    Add($"canceled at compact revision {response.CompactRevision} without need");
                }

                break;
        }
    }

    private void FollowEvents(WatchResponse response)
    {
        IReadOnlyList<WatchedEvent> events = response.Events ?? [];
        if (events.Count == 0)
        {
            Add("an empty message of events");
            return;
        }

        long first = events[0].Mod;
        if (first == _last)
        {
            Add($"atomic: revision {first} came in two messages, or twice");
            return;
        }

        if (first <= _bookmark)
        {
            Add($"bookmarkable: {events[0]} after progress {_bookmark}");
        }

        if (events[^1].Mod > response.Revision)
        {
            Add($"{events[^1]} in a message of revision {response.Revision}");
        }

        RequireNothingMissing(first - 1, _last == 0 ? "resumable: left out at the beginning" : "reliable: left out");
        for (int from = 0; from < events.Count;)
        {
            int end = from + 1;
            while (end < events.Count && events[end].Mod == events[from].Mod)
            {
                end++;
            }

            FollowRevision([.. events.Take(from..end)]);
            from = end;
        }
    }

    private void FollowRevision(List<WatchedEvent> events)
    {
        long revision = events[0].Mod;
        if (revision <= _last)
        {
            Add($"ordered: {events[0]} after revision {_last}");
            return;
        }

        RequireNothingMissing(revision - 1, "reliable: left out");
        if (revision < _start)
        {
            Add($"{events[0]} before the start revision {_start}");
        }

        _last = revision;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (WatchedEvent watched in events)
        {
            if (!keys.Add(watched.Key))
            {
                Add($"unique: {watched} twice");
            }

            if (!recording.Wants(watched.Key, watched.Value is null))
            {
                Add($"filter: {watched} was not asked for");
            }

            CompareWithOthers(watched);
        }

        if (revision < writes.First || revision > writes.Last || writes.At(revision) is not { } written)
        {
            return;
        }

        CompareWithWrites(events, keys, written);
    }

    private void CompareWithWrites(List<WatchedEvent> events, HashSet<string> keys, RecordedRevision written)
    {
        foreach (WatchedEvent watched in events)
        {
            RecordedChange? change = written.Changes.FirstOrDefault(change => change.Key == watched.Key);
            if (change is not null)
            {
                Compare(watched, change);
            }
            else if (written.Whole || watched.Value is not null)
            {
                Add($"{watched} never happened");
            }
        }

        foreach (RecordedChange change in written.Changes)
        {
            if (change.Certain && recording.Wants(change.Key, change.Current is null) && !keys.Contains(change.Key))
            {
                Add($"atomic: revision {events[0].Mod} came without its change of {change.Key}");
            }
        }
    }

    private void Compare(WatchedEvent watched, RecordedChange change)
    {
        if (watched.Value != change.Current?.Value)
        {
            Add($"{watched} was {(change.Current is null ? "a deletion" : change.Current.ToString())}");
        }
        else if (change.CountersKnown && (watched.Create, watched.Version) != (change.Current?.Create ?? 0, change.Current?.Version ?? 0))
        {
            Add($"creation: {watched} was {change.Current}");
        }

        if (watched.Previous is { } previous && (!recording.WithPrevious || (change.PreviousKnown && !IsSame(previous, change.Previous))))
        {
            Add($"previous: {watched} came with {previous}, it was {change.Previous?.ToString() ?? "nothing"}");
        }
    }

    /// <summary>The counters of what was before are compared where they were told; compaction may have taken the whole of it, never part.</summary>
    private static bool IsSame(KeyVersion told, KeyVersion? was) => was is not null && told.Key == was.Key && told.Value == was.Value && told.Mod == was.Mod;

    private void CompareWithOthers(WatchedEvent watched)
    {
        WatchedEvent bare = watched with { Previous = null };
        if (!told.TryAdd((watched.Mod, watched.Key), bare) && told[(watched.Mod, watched.Key)] != bare)
        {
            Add($"{watched}, but another watch was told {told[(watched.Mod, watched.Key)]}");
        }
    }

    private void RequireNothingMissing(long upTo, string what)
    {
        long from = Math.Max(Math.Max(_start, _last + 1), Math.Max(writes.First, _checkedTo + 1));
        _checkedTo = Math.Max(_checkedTo, upTo);
        for (long revision = from; revision <= Math.Min(upTo, writes.Last); revision++)
        {
            RecordedChange? missing = writes.At(revision)?.Changes.FirstOrDefault(change => change.Certain && recording.Wants(change.Key, change.Current is null));
            if (missing is not null)
            {
                Add($"{what}: {missing.Key} at revision {revision}");
                return;
            }
        }
    }

    private void Add(string problem) => problems.Add($"watch {recording.Name} [{recording.Key}{(recording.End is null ? "" : ", …")} from {_start}]: {problem}");
}
