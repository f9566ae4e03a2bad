using Quorate.State;

namespace Quorate.Simulation;

/// <content>What each command does and answers.</content>
internal sealed partial class ModelStore
{
    private string Run(Command command, Operation? operation)
    {
        if (command is SessionCommand request)
        {
            return RunInSession(request, operation);
        }

        string? answer = command switch
        {
            PutCommand put => Put(put),
            DeleteRangeCommand delete => Delete(delete),
            TxnCommand txn => Txn(txn),
            CompactCommand compact => Compact(compact.Revision),
            LeaseGrantCommand grant => Grant(grant, operation),
            LeaseRefreshCommand refresh => Refresh(refresh, operation),
            LeaseRevokeCommand revoke => Revoke(revoke.Id),
            LeaseExpireCommand expire => Expire(expire),
            OpenSessionCommand open => OpenSession(open.Id),
            _ => throw new ViolationException("model", $"The workload has no {command.GetType().Name}."),
        };
        CloseRevision();
        return $"r{Revision} {answer}";
    }

    private string Put(PutCommand put)
    {
        if (put.Lease != 0 && !_leases.ContainsKey(put.Lease))
        {
            return ResultText.Error(StateError.LeaseNotFound);
        }

        string key = TextOf(put.Key);
        ModelVersion? before = Live(key);
        Write(key, TextOf(put.Value), put.Lease);
        return ResultText.Put(put.ReturnPrevious ? before?.ToString() : null);
    }

    private string Delete(DeleteRangeCommand delete)
    {
        var gone = new List<ModelVersion>();
        foreach ((string key, _) in _history)
        {
            if (delete.Range.Contains(Operation.BytesOf(key)) && Live(key) is { } live)
            {
                gone.Add(live);
            }
        }

        foreach (ModelVersion live in gone)
        {
            Erase(live);
        }

        return ResultText.Delete(gone.Count, delete.ReturnPrevious ? gone.ConvertAll(live => live.ToString()) : []);
    }

    private string Txn(TxnCommand txn)
    {
        bool holds = true;
        foreach (Compare compare in txn.Compares)
        {
            holds &= Holds(compare);
        }

        // Every operation of a branch sees what those before it did, and all share one revision.
        var answers = new List<string>();
        foreach (Command command in holds ? txn.Success : txn.Failure)
        {
            answers.Add(command switch
            {
                PutCommand put => Put(put),
                DeleteRangeCommand delete => Delete(delete),
                RangeCommand range => ReadKey(range),
                _ => throw new ViolationException("model", "The workload nests no such command."),
            });
        }

        return ResultText.Txn(holds, answers);
    }

    private string ReadKey(RangeCommand range)
    {
        ModelVersion? live = Live(TextOf(range.Query.Range.Key));
        return ResultText.Range(live is null ? [] : [live.ToString()]);
    }

    private bool Holds(Compare compare)
    {
        ModelVersion? live = Live(TextOf(compare.Range.Key));
        if (compare.Target == CompareTarget.Value)
        {
            return live is not null && live.Value == TextOf(compare.Value);
        }

        long number = compare.Target switch
        {
            CompareTarget.Mod => live?.Mod ?? 0,
            CompareTarget.Create => live?.Create ?? 0,
            CompareTarget.Version => live?.Version ?? 0,
            _ => throw new ViolationException("model", "The workload compares nothing else."),
        };
        return number == compare.Number;
    }

    private string Compact(long revision)
    {
        if (revision <= _compactRevision || revision > Revision)
        {
            return ResultText.Error(revision <= _compactRevision ? StateError.Compacted : StateError.FutureRevision);
        }

        _compactRevision = revision;
        return string.Empty;
    }

    private string Grant(LeaseGrantCommand grant, Operation? operation)
    {
        if (_leases.ContainsKey(grant.Id))
        {
            return ResultText.Error(StateError.LeaseExists);
        }

        _leases[grant.Id] = Renewed(grant.TtlSeconds, operation, 0);
        return ResultText.Grant(grant.Id, grant.TtlSeconds);
    }

    private string Refresh(LeaseRefreshCommand refresh, Operation? operation)
    {
        foreach (long id in refresh.Ids)
        {
            if (_leases.TryGetValue(id, out ModelLease? lease))
            {
                _leases[id] = Renewed(lease.TtlSeconds, operation, lease.SafeUntilUs);
            }
        }

        return string.Empty;
    }

    private string Revoke(long id)
    {
        if (!_leases.ContainsKey(id))
        {
            return ResultText.Error(StateError.LeaseNotFound);
        }

        EndLease(id);
        return string.Empty;
    }

    private string Expire(LeaseExpireCommand expire)
    {
        foreach (long id in expire.Ids)
        {
            if (!_leases.TryGetValue(id, out ModelLease? lease) || lease.DeadlineMs > _leaseTimeMs)
            {
                continue;
            }

            ViolationException.Require(
                _nowUs >= lease.SafeUntilUs, "L3", $"lease {id} of {lease.TtlSeconds} s is expired {lease.SafeUntilUs - _nowUs} us too soon");
            Expiries++;
            EndLease(id);
            CloseRevision();
        }

        return string.Empty;
    }

    private void EndLease(long id)
    {
        var attached = new List<ModelVersion>();
        foreach ((string key, _) in _history)
        {
            if (Live(key) is { } live && live.Lease == id)
            {
                attached.Add(live);
            }
        }

        foreach (ModelVersion live in attached)
        {
            Erase(live);
        }

        _leases.Remove(id);
    }

    // A lease lives its time from when its client asked, as the fastest clock there may be counts; a tick or two is forgiven.
    private ModelLease Renewed(long ttlSeconds, Operation? operation, long safeUntilUs)
    {
        const long SlackUs = 50_000;
        long livesUs = (ttlSeconds * 1_000_000) - (ttlSeconds * 10_000) - SlackUs;
        long safe = operation is null ? safeUntilUs : Math.Max(safeUntilUs, operation.InvokedAtUs + livesUs);
        return new ModelLease(ttlSeconds, _leaseTimeMs + (ttlSeconds * 1000), safe);
    }
}
