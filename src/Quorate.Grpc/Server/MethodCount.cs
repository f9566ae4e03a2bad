namespace Quorate.Grpc;

/// <summary>How often a method was called.</summary>
/// <param name="Service">The full name of its service.</param>
/// <param name="Method">Its name.</param>
/// <param name="Type"><c>unary</c>, <c>server_stream</c> or <c>bidi_stream</c>.</param>
/// <param name="Started">Calls that began.</param>
/// <param name="Handled">Calls that ended, by <see cref="StatusCode"/> as index.</param>
public sealed record MethodCount(string Service, string Method, string Type, long Started, IReadOnlyList<long> Handled);
