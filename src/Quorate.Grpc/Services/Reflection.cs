using Google.Protobuf.Reflection;
using Quorate.Grpc.Contract.Reflection;

namespace Quorate.Grpc.Server;

/// <summary>
/// The reflection service, <c>v1</c> and <c>v1alpha</c>, from the descriptors of the map. The two differ only in the name of
/// their package, so one set of messages serves both.
/// </summary>
internal sealed class Reflection(GrpcServiceMap map)
{
    private readonly Lazy<DescriptorIndex> _index = new(() => new DescriptorIndex(map.Files));

    public void AddTo(GrpcServiceMap services)
    {
        services
            .Describe(() => ReflectionReflection.Descriptor)
            .Describe(() => Contract.ReflectionAlpha.ReflectionAlphaReflection.Descriptor)
            .Duplex<ServerReflectionRequest, ServerReflectionResponse>(
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", ServerReflectionRequest.Parser, AnswerAllAsync)
            .Duplex<ServerReflectionRequest, ServerReflectionResponse>(
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", ServerReflectionRequest.Parser, AnswerAllAsync);
    }

    private async Task AnswerAllAsync(MessageReader<ServerReflectionRequest> requests, MessageWriter<ServerReflectionResponse> responses, ServerCall call)
    {
        while (await requests.ReadAsync().ConfigureAwait(false) is { } request)
        {
            ServerReflectionResponse response = Answer(request);
            response.ValidHost = request.Host;
            response.OriginalRequest = request;
            await responses.WriteAsync(response).ConfigureAwait(false);
        }
    }

    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                ListServiceResponse list = new();
                list.Service.AddRange(map.Services.Select(name => new ServiceResponse { Name = name }));
                return new ServerReflectionResponse { ListServicesResponse = list };
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                return Files(_index.Value.FileOf(request.FileByFilename), $"File not found: {request.FileByFilename}");
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                return Files(_index.Value.Declaring(request.FileContainingSymbol), $"Symbol not found: {request.FileContainingSymbol}");
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                return Error(StatusCode.NotFound, "there are no extensions");
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                return _index.Value.Declaring(request.AllExtensionNumbersOfType) is not null
                    ? new ServerReflectionResponse
                    {
                        AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType },
                    }
                    : Error(StatusCode.NotFound, $"Type not found: {request.AllExtensionNumbersOfType}");
            default:
                return Error(StatusCode.InvalidArgument, "invalid MessageRequest");
        }
    }

    private static ServerReflectionResponse Error(StatusCode code, string message) =>
        new() { ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message } };

    /// <summary>A file and everything it imports, the imported behind what imports them.</summary>
    private static ServerReflectionResponse Files(FileDescriptor? file, string whyNot)
    {
        if (file is null)
        {
            return Error(StatusCode.NotFound, whyNot);
        }

        FileDescriptorResponse response = new();
        HashSet<string> seen = new(StringComparer.Ordinal);
        Queue<FileDescriptor> waiting = new([file]);
        while (waiting.TryDequeue(out FileDescriptor? next))
        {
            if (seen.Add(next.Name))
            {
                response.FileDescriptorProto.Add(next.SerializedData);
                foreach (FileDescriptor dependency in next.Dependencies)
                {
                    waiting.Enqueue(dependency);
                }
            }
        }

        return new ServerReflectionResponse { FileDescriptorResponse = response };
    }
}
