namespace Quorate.Simulation;

/// <summary>Thrown by the call to the virtual disk at which the process was told to die.</summary>
internal sealed class ProcessDiedException() : Exception("The process died at this call to its disk.");
