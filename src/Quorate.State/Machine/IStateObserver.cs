namespace Quorate.State;

/// <summary>Sees every revision as it comes to be.</summary>
public interface IStateObserver
{
    /// <summary>
    /// One revision was written. Called while the command is applied, in ascending order without gaps, before the version
    /// that holds it is published; must not call back into the machine.
    /// </summary>
    void OnRevision(RevisionEvents events);
}
