namespace Quorate.Replica.Tests;

public sealed class RecordMemoryTests
{
    private const int ChunkBytes = 100;

    private readonly RecordMemory _memory = new(ChunkBytes);

    [Fact]
    public void Records_lie_one_behind_the_other_and_never_across_chunks()
    {
        Assert.Equal([(0, 60), (60, 40), (0, 1), (1, 99)], Spans(60, 40, 1, 99));
    }

    [Fact]
    public void A_chunk_is_used_again_once_its_last_record_is_let_go_of()
    {
        byte[] first = Take(60, 1);
        Assert.Same(first, Take(40, 2));
        byte[] second = Take(60, 3);
        Assert.NotSame(first, second);

        _memory.Release(1);
        Assert.NotSame(first, Take(60, 4));

        _memory.Release(2);
        Assert.Same(first, Take(60, 5));

        _memory.Release(5);
        Assert.Contains(Take(60, 6), (byte[][])[first, second]);
    }

    [Fact]
    public void What_was_never_let_go_of_is_never_written_over()
    {
        Random random = new(1);
        Queue<(Memory<byte> Bytes, byte Mark, long Position)> held = new();
        for (long position = 1; position <= 10_000; position++)
        {
            Memory<byte> taken = _memory.Take(random.Next(1, 2 * ChunkBytes), position);
            byte mark = (byte)position;
            taken.Span.Fill(mark);
            held.Enqueue((taken, mark, position));
            while (held.Count > 0 && random.Next(0, 100) < 48)
            {
                (Memory<byte> bytes, byte expected, long oldest) = held.Dequeue();
                Assert.Equal(-1, bytes.Span.IndexOfAnyExcept(expected));
                _memory.Release(oldest);
            }
        }

        Assert.NotEmpty(held);
    }

    [Fact]
    public void A_record_larger_than_a_chunk_has_memory_of_its_own_size()
    {
        Assert.Equal(ChunkBytes + 1, Take(ChunkBytes + 1, 1).Length);
        _memory.Release(1);
        Assert.Equal(ChunkBytes, Take(1, 2).Length);
    }

    private byte[] Take(int bytes, long position) => ArrayOf(_memory.Take(bytes, position)).Array!;

    private List<(int Offset, int Count)> Spans(params int[] lengths)
    {
        List<(int, int)> spans = [];
        foreach (int length in lengths)
        {
            ArraySegment<byte> segment = ArrayOf(_memory.Take(length, spans.Count + 1));
            spans.Add((segment.Offset, segment.Count));
        }

        return spans;
    }

    private static ArraySegment<byte> ArrayOf(Memory<byte> memory)
    {
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray<byte>(memory, out ArraySegment<byte> segment));
        return segment;
    }
}
