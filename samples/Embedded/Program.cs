// A durable node inside an application: no server, no ports. Run it twice: the counter goes on.
using System.Text;
using Quorate.Node;
using Quorate.State;

string directory = args.Length > 0 ? args[0] : "./embedded-data";
await using QuorateNode node = await QuorateNode.StartAsync(new QuorateOptions { DataDirectory = directory });

byte[] key = "runs"u8.ToArray();
StateVersion state = await node.Group.ReadAsync(CancellationToken.None);
int runs = state.Get(key) is { } found ? int.Parse(Encoding.UTF8.GetString(found.Value.Span)) + 1 : 1;
await node.Group.ProposeAsync(new PutCommand(key, Encoding.UTF8.GetBytes($"{runs}")), CancellationToken.None);
Console.WriteLine($"run {runs}, durable at revision {node.Group.State.Revision}");
