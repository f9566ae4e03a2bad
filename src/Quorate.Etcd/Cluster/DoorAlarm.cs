using Quorate.Etcd.Contract;
using Quorate.Node;

namespace Quorate.Etcd;

/// <summary>The alarm of a node in etcd's terms, which knows two.</summary>
internal static class DoorAlarm
{
    public static AlarmType TypeOf(GroupStatus status)
    {
        if (status.Alarm.Length == 0)
        {
            return AlarmType.None;
        }

        return status.Alarm.StartsWith("NOSPACE", StringComparison.Ordinal) ? AlarmType.Nospace : AlarmType.Corrupt;
    }
}
