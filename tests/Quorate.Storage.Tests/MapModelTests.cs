namespace Quorate.Storage.Tests;

/// <summary>The map against a sorted dictionary, under many seeds, with versions that must stay what they were.</summary>
public sealed class MapModelTests
{
    private const int VersionsHeld = 4;

    [Theory]
    [InlineData(MapKeyStyle.Numbers)]
    [InlineData(MapKeyStyle.ShortBytes)]
    [InlineData(MapKeyStyle.DeepPrefixes)]
    [InlineData(MapKeyStyle.TwoLetters)]
    public void The_map_does_what_a_sorted_dictionary_does(MapKeyStyle style)
    {
        for (int seed = 0; seed < 25; seed++)
        {
            new Walk(seed, style, mostEntries: 1500).Run(operations: 4000);
        }
    }

    [Fact]
    public void A_map_of_three_levels_does_so_too()
    {
        for (int seed = 0; seed < 4; seed++)
        {
            new Walk(seed, MapKeyStyle.ManyNumbers, mostEntries: 15_000).Run(operations: 80_000);
        }
    }

    private sealed class Walk(int seed, MapKeyStyle style, int mostEntries)
    {
        private readonly MapTestChance _chance = new(seed);
        private readonly OrderedMap _map = new();
        private readonly SortedDictionary<byte[], byte[]> _model = new(MapKeyOrder.Instance);
        private readonly List<(IMapVersion Version, KeyValuePair<byte[], byte[]>[] Content)> _held = [];

        public void Run(int operations)
        {
            // The map grows to its most entries and shrinks to almost none, and again.
            bool isGrowing = true;
            for (int i = 0; i < operations; i++)
            {
                    isGrowing = _model.Count <= mostEntries && (_model.Count < 5 || isGrowing);
                int dice = _chance.Below(100);
                if (dice < (isGrowing ? 70 : 25))
                {
                    Set();
                }
                else if (dice < 94)
                {
                    Remove();
                }
                else if (dice < 95)
                {
                    Freeze();
                }
                else
                {
                    Look();
                }
            }

            CheckHeld();
            MapShape.Check(_map);
        }

        private void Set()
        {
            byte[] key = MapKeys.Draw(_chance, style);
            byte[] value = _chance.Bytes(_chance.Below(20), 256);
            int cut = _chance.Below(value.Length + 1);
            bool isNew = cut == 0 ? _map.Set(key, value) : _map.Set(key, value.AsSpan(0, cut), value.AsSpan(cut));
            Assert.Equal(!_model.ContainsKey(key), isNew);
            _model[key] = value;
        }

        private void Remove()
        {
            byte[] key = MapKeys.Draw(_chance, style);
            if (_model.Count > 0 && _chance.Below(3) > 0)
            {
                MapCursor cursor = _map.Seek(key);
                key = cursor.MoveNext() ? cursor.Key.ToArray() : key;
            }

            Assert.Equal(_model.Remove(key), _map.Remove(key));
        }

        private void Look()
        {
            byte[] key = MapKeys.Draw(_chance, style);
            bool found = _map.TryGet(key, out ReadOnlyMemory<byte> value);
            Assert.Equal(_model.TryGetValue(key, out byte[]? expected), found);
            Assert.Equal(expected ?? [], value.ToArray());

            if (_chance.Below(mostEntries) > 200)
            {
                return;
            }

            KeyValuePair<byte[], byte[]>[] content = [.. _model];
            int at = FirstNotBelow(content, key);
            MapContent.AssertAscending(_map.Seek(key), content, at, limit: 150);
            MapContent.AssertDescending(_map.SeekBackward(key), content, key.Length == 0 ? content.Length - 1 : at - 1, limit: 150);
        }

        private static int FirstNotBelow(KeyValuePair<byte[], byte[]>[] content, byte[] key)
        {
            int at = 0;
            while (at < content.Length && MapKeyOrder.Instance.Compare(content[at].Key, key) < 0)
            {
                at++;
            }

            return at;
        }

        private void Freeze()
        {
            if (_chance.Below(mostEntries) > 600)
            {
                return;
            }

            _held.Add((_map.Publish(), [.. _model]));
            if (_held.Count > VersionsHeld)
            {
                int dropped = _chance.Below(_held.Count);
                MapContent.AssertSame(_held[dropped].Version, _held[dropped].Content);
                _held.RemoveAt(dropped);
            }
        }

        private void CheckHeld()
        {
            MapContent.AssertSame(_map, [.. _model]);
            foreach ((IMapVersion version, KeyValuePair<byte[], byte[]>[] content) in _held)
            {
                MapContent.AssertSame(version, content);
            }
        }
    }
}
