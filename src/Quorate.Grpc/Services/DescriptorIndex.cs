using Google.Protobuf.Reflection;

namespace Quorate.Grpc.Server;

/// <summary>Finds files of descriptors, and those they import, by their name and by what they declare.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _bySymbol = new(StringComparer.Ordinal);

    public DescriptorIndex(IEnumerable<FileDescriptor> files)
    {
        foreach (FileDescriptor file in files)
        {
            AddFile(file);
        }
    }

    public FileDescriptor? FileOf(string name) => _byName.GetValueOrDefault(name);

    public FileDescriptor? Declaring(string symbol) => _bySymbol.GetValueOrDefault(symbol);

    private void AddFile(FileDescriptor file)
    {
        if (!_byName.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (FileDescriptor dependency in file.Dependencies)
        {
            AddFile(dependency);
        }

        foreach (ServiceDescriptor service in file.Services)
        {
            _bySymbol[service.FullName] = file;
            foreach (MethodDescriptor method in service.Methods)
            {
                _bySymbol[method.FullName] = file;
            }
        }

        foreach (EnumDescriptor type in file.EnumTypes)
        {
            _bySymbol[type.FullName] = file;
        }

        foreach (MessageDescriptor message in file.MessageTypes)
        {
            AddMessage(message, file);
        }
    }

    private void AddMessage(MessageDescriptor message, FileDescriptor file)
    {
        _bySymbol[message.FullName] = file;
        foreach (EnumDescriptor type in message.EnumTypes)
        {
            _bySymbol[type.FullName] = file;
        }

        foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
        {
            _bySymbol[field.FullName] = file;
        }

        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            AddMessage(nested, file);
        }
    }
}
