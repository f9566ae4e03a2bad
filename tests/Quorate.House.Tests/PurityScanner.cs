using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Quorate.House.Tests;

/// <summary>
/// Reads compiled code for what source analyzers do not see: floating point, async state machines, locks, and enumerators of
/// hash tables, whose order is an accident.
/// </summary>
internal sealed class PurityScanner
{
    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    private static readonly string[] BannedNamespaces = ["System.Threading", "System.Net.Sockets", "System.Diagnostics.Stopwatch"];

    private static readonly string[] AllowedThreading = ["System.Threading.CancellationToken", "System.Threading.Volatile", "System.Threading.Interlocked"];

    private readonly MetadataReader _metadata;
    private readonly PEReader _image;
    private readonly SortedSet<string> _faults = new(StringComparer.Ordinal);

    private PurityScanner(PEReader image)
    {
        _image = image;
        _metadata = image.GetMetadataReader();
    }

    /// <summary>The faults of all types in an assembly whose full name begins with <paramref name="prefix"/>.</summary>
    public static IReadOnlyCollection<string> Scan(string assemblyPath, string prefix = "")
    {
        using var image = new PEReader(File.OpenRead(assemblyPath));
        var scanner = new PurityScanner(image);
        foreach (TypeDefinitionHandle handle in scanner._metadata.TypeDefinitions)
        {
            string name = scanner.FullName(handle);
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                scanner.ScanType(name, scanner._metadata.GetTypeDefinition(handle));
            }
        }

        return scanner._faults;
    }

    private void ScanType(string name, TypeDefinition type)
    {
        foreach (InterfaceImplementationHandle handle in type.GetInterfaceImplementations())
        {
            EntityHandle implemented = _metadata.GetInterfaceImplementation(handle).Interface;
            if (NameOf(implemented).Contains("IAsyncStateMachine", StringComparison.Ordinal))
            {
                _faults.Add($"{name}: an async method");
            }
        }

        foreach (FieldDefinitionHandle handle in type.GetFields())
        {
            FieldDefinition field = _metadata.GetFieldDefinition(handle);
            if (IsFloat(field.DecodeSignature(TypeNames.Instance, null)))
            {
                _faults.Add($"{name}.{_metadata.GetString(field.Name)}: floating point");
            }
        }

        foreach (MethodDefinitionHandle handle in type.GetMethods())
        {
            MethodDefinition method = _metadata.GetMethodDefinition(handle);
            string where = $"{name}.{_metadata.GetString(method.Name)}";
            MethodSignature<string> signature = method.DecodeSignature(TypeNames.Instance, null);
            if (IsFloat(signature.ReturnType) || signature.ParameterTypes.Any(IsFloat))
            {
                _faults.Add($"{where}: floating point");
            }

            if (method.RelativeVirtualAddress != 0)
            {
                ScanBody(where, _image.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!);
            }
        }
    }

    private void ScanBody(string where, byte[] il)
    {
        int at = 0;
        while (at < il.Length)
        {
            short value = il[at] == 0xFE ? (short)(0xFE00 | il[at + 1]) : il[at];
            OpCode code = OpCodesByValue[value];
            at += code.Size;
            CheckOpCode(where, code);
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                CheckMember(where, MetadataTokens.EntityHandle(BitConverter.ToInt32(il, at)));
            }

            at += OperandLength(code, il, at);
        }
    }

    private void CheckOpCode(string where, OpCode code)
    {
        string name = code.Name!;
        if (name.Contains(".r4", StringComparison.Ordinal) || name.Contains(".r8", StringComparison.Ordinal) || name.StartsWith("conv.r", StringComparison.Ordinal))
        {
            _faults.Add($"{where}: floating point ({name})");
        }
    }

    private void CheckMember(string where, EntityHandle handle)
    {
        (string type, string member) = Describe(handle);
        bool isBanned = BannedNamespaces.Any(banned => type.StartsWith(banned, StringComparison.Ordinal))
            && !AllowedThreading.Any(allowed => type.StartsWith(allowed, StringComparison.Ordinal));
        if (isBanned)
        {
            _faults.Add($"{where}: uses {type}");
        }

        bool isHashOrder = type.Contains("Generic.Dictionary`2", StringComparison.Ordinal) || type.Contains("Generic.HashSet`1", StringComparison.Ordinal);
        bool isPairs = type.Contains("IEnumerable`1<System.Collections.Generic.KeyValuePair`2", StringComparison.Ordinal);
        if ((isHashOrder || isPairs) && member == "GetEnumerator")
        {
            _faults.Add($"{where}: enumerates {type}");
        }
    }

    private (string Type, string Member) Describe(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MemberReference:
                MemberReference reference = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                return (NameOf(reference.Parent), _metadata.GetString(reference.Name));
            case HandleKind.MethodSpecification:
                return Describe(_metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
            case HandleKind.TypeReference or HandleKind.TypeSpecification:
                return (NameOf(handle), string.Empty);
            default:
                return (string.Empty, string.Empty);
        }
    }

    private string NameOf(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => TypeNames.Instance.GetTypeFromReference(_metadata, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeDefinition => FullName((TypeDefinitionHandle)handle),
        HandleKind.TypeSpecification => _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(TypeNames.Instance, null),
        _ => string.Empty,
    };

    private string FullName(TypeDefinitionHandle handle) => TypeNames.Instance.GetTypeFromDefinition(_metadata, handle, 0);

    private static bool IsFloat(string type) =>
        type.Contains("System.Single", StringComparison.Ordinal) || type.Contains("System.Double", StringComparison.Ordinal)
        || type.Contains("System.Half", StringComparison.Ordinal) || type.Contains("System.Decimal", StringComparison.Ordinal);

    private static int OperandLength(OpCode code, byte[] il, int at) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
        _ => 4,
    };

    /// <summary>Types as text, with their arguments.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public static readonly TypeNames Instance = new();

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[,]";

        public string GetByReferenceType(string elementType) => $"{elementType}&";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "fnptr";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType}<{string.Join(",", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            TypeDefinitionHandle outer = type.GetDeclaringType();
            string name = reader.GetString(type.Name);
            return outer.IsNil ? $"{reader.GetString(type.Namespace)}.{name}" : $"{GetTypeFromDefinition(reader, outer, 0)}+{name}";
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            string name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}+{name}"
                : $"{reader.GetString(type.Namespace)}.{name}";
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}
