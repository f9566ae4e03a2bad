using Quorate.Etcd.Contract;

namespace Quorate.Client;

/// <summary>Collects a transaction: when every condition holds, the first branch is carried out, else the second; all or nothing.</summary>
public sealed class TxnBuilder
{
    private readonly Func<TxnRequest, CancellationToken, Task<TxnResult>> _commit;
    private readonly TxnRequest _request = new();

    internal TxnBuilder(Func<TxnRequest, CancellationToken, Task<TxnResult>> commit) => _commit = commit;

    /// <summary>Adds conditions.</summary>
    public TxnBuilder When(params Condition[] conditions)
    {
        _request.Compare.AddRange(conditions.Select(condition => condition.Wire));
        return this;
    }

    /// <summary>Adds operations to the branch for when all conditions hold.</summary>
    public TxnBuilder Then(params Operation[] operations)
    {
        _request.Success.AddRange(operations.Select(operation => operation.Wire));
        return this;
    }

    /// <summary>Adds operations to the branch for when one condition does not hold.</summary>
    public TxnBuilder Else(params Operation[] operations)
    {
        _request.Failure.AddRange(operations.Select(operation => operation.Wire));
        return this;
    }

    /// <summary>Sends it.</summary>
    /// <exception cref="QuorateException">It failed; see <see cref="QuorateException.Outcome"/>.</exception>
    public Task<TxnResult> CommitAsync(CancellationToken cancellationToken = default) => _commit(_request, cancellationToken);
}
