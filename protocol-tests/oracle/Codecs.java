import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import net.jpountz.xxhash.XXHashFactory;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecord;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.Crc32C;
import org.apache.kafka.common.utils.internals.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

/** Prints what Kafka makes of compressed records, whole and damaged: see fixtures/codecs/README.md. */
public class Codecs {
    private static final int GZIP = 1, SNAPPY = 2, LZ4 = 3, ZSTD = 4;

    // ---- what is compressed

    /** Records, as they stand in a batch. */
    private record Payload(byte[] bytes, int count) {}

    private static Payload payload(int count, int seed, int size, boolean text) throws Exception {
        Random random = new Random(seed);
        String[] words = "the order was sent again because a broker had gone away and nobody knew of it".split(" ");
        ByteBuffer out = ByteBuffer.allocate(count * (size + 64) + 1024);
        for (int i = 0; i < count; i++) {
            byte[] value;
            if (size == 0) {
                value = ("value-" + i).getBytes(StandardCharsets.UTF_8);
            } else if (text) {
                StringBuilder s = new StringBuilder();
                while (s.length() < size) s.append(words[random.nextInt(words.length)]).append(' ').append((char) ('!' + random.nextInt(90)));
                value = s.substring(0, size).getBytes(StandardCharsets.UTF_8);
            } else {
                value = new byte[size];
                random.nextBytes(value);
            }
            try (java.io.DataOutputStream to = new java.io.DataOutputStream(new OutputStream() {
                @Override public void write(int b) { out.put((byte) b); }
                @Override public void write(byte[] b, int off, int len) { out.put(b, off, len); }
            })) {
                byte[] key = i % 3 == 1 ? ("key" + i).getBytes(StandardCharsets.UTF_8) : null;
                Header[] headers = i % 4 == 2 ? new Header[] {new org.apache.kafka.common.header.internals.RecordHeader("h", new byte[] {1, 2})} : new Header[0];
                DefaultRecord.writeTo(to, i, i, key == null ? null : ByteBuffer.wrap(key), ByteBuffer.wrap(value), headers);
            }
        }
        return new Payload(Arrays.copyOf(out.array(), out.position()), count);
    }

    // ---- bytes

    private static byte[] cat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) out.writeBytes(part);
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        byte[] out = new byte[values.length];
        for (int i = 0; i < values.length; i++) out[i] = (byte) values[i];
        return out;
    }

    private static byte[] le(long value, int width) {
        byte[] out = new byte[width];
        for (int i = 0; i < width; i++) out[i] = (byte) (value >>> (8 * i));
        return out;
    }

    private static byte[] be(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] part(byte[] from, int start, int end) {
        return Arrays.copyOfRange(from, start, end);
    }

    private static String hex(byte[] from) {
        StringBuilder s = new StringBuilder();
        for (byte b : from) s.append(String.format("%02x", b & 255));
        return s.toString();
    }

    // ---- frames: each library's own

    private static byte[] kafka(Compression compression, byte[] data) throws Exception {
        org.apache.kafka.common.utils.internals.ByteBufferOutputStream out = new org.apache.kafka.common.utils.internals.ByteBufferOutputStream(1024);
        try (OutputStream stream = compression.wrapForOutput(out, RecordBatch.MAGIC_VALUE_V2)) {
            stream.write(data);
        }
        ByteBuffer buffer = out.buffer();
        buffer.flip();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] snappy(byte[] data, int block) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SnappyOutputStream stream = new SnappyOutputStream(out, block)) {
            stream.write(data);
        }
        return out.toByteArray();
    }

    private interface Setting {
        void on(ZstdOutputStream stream) throws Exception;
    }

    private static byte[] zstd(byte[] data, int level, Setting setting) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream stream = new ZstdOutputStream(out, level)) {
            setting.on(stream);
            stream.write(data);
        }
        return out.toByteArray();
    }

    // ---- frames: by hand

    private static int xxh(byte[] data) {
        return XXHashFactory.fastestJavaInstance().hash32().hash(data, 0, data.length, 0);
    }

    private static byte[] lz4Head(int flg, int bd, byte[] size) {
        byte[] descriptor = cat(bytes(flg, bd), size);
        return cat(le(0x184D2204L, 4), descriptor, bytes(xxh(descriptor) >> 8));
    }

    private static byte[] lz4Stored(byte[] data, boolean check) {
        byte[] block = cat(le(data.length | 0x80000000L, 4), data);
        return check ? cat(block, le(xxh(data), 4)) : block;
    }

    private static byte[] lz4Block(byte[] block) {
        return cat(le(block.length, 4), block);
    }

    private static final byte[] END = new byte[4];

    private static byte[] lz4(byte[] data) {
        return cat(lz4Head(0x60, 0x40, new byte[0]), lz4Stored(data, false), END);
    }

    private static byte[] snappyLiteral(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int left = data.length;
        while (left >= 128) {
            out.write(left & 127 | 128);
            left >>= 7;
        }
        out.write(left);
        int n = data.length - 1;
        if (n < 60) out.write(n << 2);
        else if (n < 256) out.writeBytes(bytes(60 << 2, n));
        else out.writeBytes(cat(bytes(61 << 2), le(n, 2)));
        out.writeBytes(data);
        return out.toByteArray();
    }

    private static byte[] snappyHead(int version, int compatible) {
        return cat(bytes(0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0), be(version), be(compatible));
    }

    private static byte[] chunk(byte[] block) {
        return cat(be(block.length), block);
    }

    private static byte[] xerial(byte[] data) {
        return cat(snappyHead(1, 1), chunk(snappyLiteral(data)));
    }

    private static byte[] zstdBlock(int type, boolean last, int size, byte[] body) {
        return cat(le((long) size << 3 | type << 1 | (last ? 1 : 0), 3), body);
    }

    private static byte[] raw(byte[] data, boolean last) {
        return zstdBlock(0, last, data.length, data);
    }

    private static byte[] zstdFrame(int descriptor, byte[] head, byte[]... blocks) {
        return cat(le(0xFD2FB528L, 4), bytes(descriptor), head, cat(blocks));
    }

    private static byte[] zstdRaw(byte[] data) {
        return zstdFrame(0, bytes(10 << 3), raw(data, true));
    }

    private static byte[] skippable(int variant, long size, byte[] data) {
        return cat(le(0x184D2A50L + variant, 4), le(size, 4), data);
    }

    private static byte[] deflate(byte[] data, int level) {
        Deflater deflater = new Deflater(level, true);
        deflater.setInput(data);
        deflater.finish();
        byte[] out = new byte[data.length * 2 + 100];
        int n = deflater.deflate(out);
        return part(out, 0, n);
    }

    private static byte[] gzipTrailer(byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(data);
        return cat(le(crc.getValue(), 4), le(data.length, 4));
    }

    private static byte[] gzipHead(int flags, byte[] extra, byte[] name, byte[] comment, boolean rightCheck) {
        byte[] head = bytes(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 0);
        if ((flags & 4) != 0) head = cat(head, le(extra.length, 2), extra);
        if ((flags & 8) != 0) head = cat(head, name, bytes(0));
        if ((flags & 16) != 0) head = cat(head, comment, bytes(0));
        if ((flags & 2) != 0) {
            CRC32 crc = new CRC32();
            crc.update(head);
            head = cat(head, le(rightCheck ? crc.getValue() & 0xffff : crc.getValue() + 1 & 0xffff, 2));
        }
        return head;
    }

    private static byte[] gzip(byte[] data, int level) {
        return cat(gzipHead(0, null, null, null, true), deflate(data, level), gzipTrailer(data));
    }

    // ---- what Kafka says

    private static final Compression[] OF = {
        Compression.NONE, Compression.gzip().build(), Compression.snappy().build(), Compression.lz4().build(), Compression.zstd().build()
    };
    private static final LogValidator.MetricsRecorder METRICS = (LogValidator.MetricsRecorder) java.lang.reflect.Proxy.newProxyInstance(
        Codecs.class.getClassLoader(), new Class<?>[] {LogValidator.MetricsRecorder.class}, (proxy, method, args) -> null);
    private static final BufferSupplier BUFFERS = BufferSupplier.create();

    private static MemoryRecords batch(int codec, byte[] data, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD + data.length);
        buffer.position(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        buffer.put(data);
        int size = buffer.position();
        buffer.position(0);
        DefaultRecordBatch.writeHeader(buffer, 0, count - 1, size, RecordBatch.CURRENT_MAGIC_VALUE, CompressionType.forId(codec), TimestampType.CREATE_TIME,
            1_000_000, 1_000_000, -1, (short) -1, -1, false, false, false, 0, count);
        buffer.position(0);
        buffer.limit(size);
        return MemoryRecords.readableRecords(buffer);
    }

    private static long crc(byte[] data) {
        return Crc32C.compute(data, 0, data.length) & 0xffffffffL;
    }

    private static String stream(int codec, byte[] data) {
        try (InputStream in = OF[codec].wrapForInput(ByteBuffer.wrap(data), RecordBatch.CURRENT_MAGIC_VALUE, BUFFERS)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[16 * 1024];
            for (int n; (n = in.read(buffer)) > 0; ) out.write(buffer, 0, n);
            return out.size() + ":" + Long.toHexString(crc(out.toByteArray()));
        } catch (Throwable e) {
            return "!";
        }
    }

    private static String verdict(int codec, byte[] data, int count, boolean whole) {
        try {
            LogValidator validator = new LogValidator(batch(codec, data, count), new TopicPartition("t", 0), Time.SYSTEM, CompressionType.forId(codec),
                OF[whole ? 0 : codec], false, RecordBatch.CURRENT_MAGIC_VALUE, TimestampType.CREATE_TIME, Long.MAX_VALUE, Long.MAX_VALUE, 0, AppendOrigin.CLIENT);
            LogValidator.ValidationResult result = validator.validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(0), METRICS, BUFFERS);
            if (!whole) return "ok";
            ByteBuffer buffer = result.validatedRecords().buffer();
            byte[] all = new byte[buffer.remaining()];
            buffer.get(all);
            byte[] records = part(all, DefaultRecordBatch.RECORD_BATCH_OVERHEAD, all.length);
            return records.length + ":" + Long.toHexString(crc(records));
        } catch (Throwable e) {
            Throwable said = e instanceof RecordValidationException v ? v.invalidException() : e;
            return Integer.toString(Errors.forException(said).code());
        }
    }

    // ---- cases

    private static int cases = 0;
    private static int base;
    private static byte[] frame;
    private static int count;
    private static int codec;
    private static final StringBuilder OUT = new StringBuilder();

    private static void begin(int codec, String name, byte[] frame, int count) {
        Codecs.codec = codec;
        Codecs.frame = frame;
        Codecs.count = count;
        OUT.append("== ").append(CompressionType.forId(codec).name).append(' ').append(count).append(' ').append(name).append('\n');
        String text = Base64.getEncoder().withoutPadding().encodeToString(frame);
        OUT.append(text).append('\n');
        say("=", frame, count);
    }

    private static void say(String how, byte[] data, int count) {
        String stream = stream(codec, data);
        OUT.append(how).append(" -> ").append(stream).append(' ').append(verdict(codec, data, count, false)).append(' ')
            .append(verdict(codec, data, count, true)).append('\n');
        cases++;
    }

    private static void cut(int at) {
        if (at >= 0 && at < frame.length) say("cut " + at, part(frame, 0, at), count);
    }

    private static void xor(int at, int bits) {
        if (at < 0 || at >= frame.length) return;
        byte[] data = frame.clone();
        data[at] ^= (byte) bits;
        say("xor " + at + " " + String.format("%02x", bits), data, count);
    }

    private static void put(int at, byte[] with) {
        if (at < 0 || at + with.length > frame.length) return;
        byte[] data = frame.clone();
        System.arraycopy(with, 0, data, at, with.length);
        say("put " + at + " " + hex(with), data, count);
    }

    private static void add(byte[] more) {
        say("add " + hex(more), cat(frame, more), count);
    }

    private static void counts(int... others) {
        for (int other : others) if (other > 0) say("count " + other, frame, other);
    }

    /** All that is done to a small frame. */
    private static void everywhere(int random) {
        for (int at = 0; at < frame.length; at++) cut(at);
        for (int at = 0; at < frame.length; at++) {
            xor(at, 1 << (at + random) % 8);
            if (at < 20 || at >= frame.length - 9) xor(at, 0xff);
        }
        counts(count - 1, count + 1);
    }

    /** Some of it, for a large one. */
    private static void sometimes(int seed, int times) {
        Random random = new Random(seed);
        TreeSet<Integer> places = new TreeSet<>();
        for (int i = 0; i < times; i++) places.add(random.nextInt(frame.length));
        for (int at : places) cut(at);
        for (int i = 1; i < 6; i++) cut(frame.length - i);
        for (int i = 0; i < times; i++) xor(random.nextInt(frame.length), 1 << random.nextInt(8));
        for (int i = 0; i < 14; i++) xor(i, 1 << random.nextInt(8));
        counts(count - 1, count + 1, 1, 1000);
    }

    private static void behind() {
        for (int n : new int[] {1, 2, 3, 4, 5, 8, 17, 18, 19, 20, 26, 27, 40}) {
            add(new byte[n]);
            byte[] noise = new byte[n];
            Arrays.fill(noise, (byte) 'x');
            add(noise);
        }
    }

    private static void gzipCases(Payload small, Payload medium, Payload large, Payload huge, Payload noise) throws Exception {
        begin(GZIP, "small", gzip(small.bytes, 6), small.count);
        everywhere(0);
        behind();
        begin(GZIP, "kafka", kafka(OF[GZIP], small.bytes), small.count);
        begin(GZIP, "stored", gzip(small.bytes, 0), small.count);
        everywhere(3);
        begin(GZIP, "medium", gzip(medium.bytes, 9), medium.count);
        sometimes(1, 90);
        begin(GZIP, "large", kafka(OF[GZIP], large.bytes), large.count);
        sometimes(2, 60);
        begin(GZIP, "huge", gzip(huge.bytes, 1), huge.count);
        sometimes(3, 12);
        begin(GZIP, "noise", gzip(noise.bytes, 6), noise.count);
        sometimes(4, 20);
        for (int flags = 0; flags < 256; flags++) {
            byte[] head = gzipHead(flags, bytes(1, 2, 3), "name".getBytes(), new byte[0], true);
            begin(GZIP, "flags " + flags, cat(head, deflate(small.bytes, 6), gzipTrailer(small.bytes)), small.count);
        }
        byte[] body = cat(deflate(small.bytes, 6), gzipTrailer(small.bytes));
        begin(GZIP, "header's checksum", cat(gzipHead(2, null, null, null, false), body), small.count);
        begin(GZIP, "all fields", cat(gzipHead(31, new byte[300], "n".getBytes(), "c".getBytes(), true), body), small.count);
        for (int at = 0; at < 330; at += 9) cut(at);
        for (int at = 10; at < 22; at++) xor(at, 0x41);
        begin(GZIP, "no name's end", cat(bytes(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0), "name without end".getBytes()), 1);
        int half = small.bytes.length / 2;
        byte[] one = gzip(part(small.bytes, 0, half), 6), two = gzip(part(small.bytes, half, small.bytes.length), 6);
        begin(GZIP, "two members", cat(one, two), small.count);
        everywhere(1);
        behind();
        begin(GZIP, "an empty member between", cat(one, gzip(new byte[0], 6), two), small.count);
        begin(GZIP, "an empty member behind", cat(gzip(small.bytes, 6), gzip(new byte[0], 6)), small.count);
        everywhere(5);
        begin(GZIP, "an empty member in front", cat(gzip(new byte[0], 6), gzip(small.bytes, 6)), small.count);
        begin(GZIP, "only an empty member", gzip(new byte[0], 6), 1);
        byte[] whole = gzip(small.bytes, 6);
        for (int filler : new int[] {8192, 8191, 8190, 8185, 8184, 8183, 8175, 8174, 8173, 8166, 8165, 8164}) {
            // The member ends about where Java's buffer does.
            byte[] incompressible = new byte[filler];
            new Random(filler).nextBytes(incompressible);
            int room = filler - 5 - small.bytes.length - 20;
            Payload fitted = payload(1, 9, room, false);
            byte[] stored = gzip(fitted.bytes, 0);
            int first = stored.length - 10;
            begin(GZIP, "member of " + first, stored, 1);
            add(new byte[1]);
            add(whole);
            add(part(whole, 0, 12));
            add(part(whole, 0, 30));
            byte[] wrong = whole.clone();
            wrong[wrong.length - 8] ^= 1;
            add(wrong);
        }
        // The end of the member walks over the end of the buffer.
        for (int delta = -40; delta <= 12; delta += 2) {
            Payload fitted = payload(1, 11, 8192 + delta - 30, false);
            byte[] stored = gzip(fitted.bytes, 0);
            begin(GZIP, "member of " + (stored.length - 10) + " again", cat(stored, gzip(small.bytes, 6)), 1 + small.count);
        }
    }

    private static void snappyCases(Payload small, Payload medium, Payload large, Payload huge, Payload noise) throws Exception {
        begin(SNAPPY, "small", snappy(small.bytes, 32 * 1024), small.count);
        everywhere(0);
        behind();
        begin(SNAPPY, "kafka", kafka(OF[SNAPPY], large.bytes), large.count);
        sometimes(1, 60);
        begin(SNAPPY, "small blocks", snappy(medium.bytes, 1024), medium.count);
        sometimes(2, 90);
        begin(SNAPPY, "huge", snappy(huge.bytes, 32 * 1024), huge.count);
        sometimes(3, 30);
        begin(SNAPPY, "noise", snappy(noise.bytes, 32 * 1024), noise.count);
        sometimes(4, 12);
        begin(SNAPPY, "raw", Snappy.compress(small.bytes), small.count);
        everywhere(1);
        behind();
        begin(SNAPPY, "raw medium", Snappy.compress(medium.bytes), medium.count);
        sometimes(5, 60);
        begin(SNAPPY, "raw large", Snappy.compress(large.bytes), large.count);
        sometimes(6, 20);
        byte[] block = snappyLiteral(small.bytes);
        for (int version : new int[] {0, 1, 2, 9, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            for (int compatible : new int[] {0, 1, 9, -1}) {
                begin(SNAPPY, "versions " + version + " " + compatible, cat(snappyHead(version, compatible), chunk(block)), small.count);
                int half = small.bytes.length / 2;
                byte[] first = xerial(part(small.bytes, 0, half));
                byte[] second = cat(snappyHead(version, compatible), chunk(snappyLiteral(part(small.bytes, half, small.bytes.length))));
                begin(SNAPPY, "versions " + version + " " + compatible + " in the second", cat(first, second), small.count);
            }
        }
        int half = small.bytes.length / 2;
        begin(SNAPPY, "two streams", cat(xerial(part(small.bytes, 0, half)), xerial(part(small.bytes, half, small.bytes.length))), small.count);
        everywhere(2);
        begin(SNAPPY, "another header behind", cat(xerial(small.bytes), snappyHead(1, 1)), small.count);
        everywhere(4);
        begin(SNAPPY, "only a header", snappyHead(1, 1), 1);
        for (int i = 0; i < 4; i++) add(new byte[i]);
        for (int size : new int[] {0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0x82534e41, 0x20000000, 0x20000001, 100000}) {
            begin(SNAPPY, "chunk of " + size, cat(snappyHead(1, 1), chunk(block), be(size)), small.count);
            add(new byte[1]);
            add(new byte[12]);
            add(new byte[13]);
            add(block);
            begin(SNAPPY, "first chunk of " + size, cat(snappyHead(1, 1), be(size), block), small.count);
        }
        // What looks like another stream where a chunk's size is due, between and inside of records.
        byte[] almost = cat(bytes(0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 1), be(1), be(1));
        for (int at = 1; at < small.bytes.length; at++) {
            byte[] first = chunk(snappyLiteral(part(small.bytes, 0, at)));
            byte[] second = chunk(snappyLiteral(part(small.bytes, at, small.bytes.length)));
            begin(SNAPPY, "pause at " + at, cat(snappyHead(1, 1), first, almost, second), small.count);
        }
        begin(SNAPPY, "pause behind", cat(xerial(small.bytes), almost, chunk(block)), small.count);
        counts(1, 2, 4, 6);
        begin(SNAPPY, "empty block", cat(snappyHead(1, 1), chunk(bytes(0)), chunk(block), chunk(bytes(0))), small.count);
        for (long length : new long[] {0, 1, small.bytes.length - 1, small.bytes.length + 1, 63, 1 << 14, 1 << 21, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L, 0x7ffffffffL}) {
            ByteArrayOutputStream varint = new ByteArrayOutputStream();
            long left = length;
            while (left >= 128) {
                varint.write((int) (left & 127 | 128));
                left >>= 7;
            }
            varint.write((int) left);
            byte[] lying = cat(varint.toByteArray(), part(block, 1, block.length));
            if (length < 1 << 28) {
                begin(SNAPPY, "length " + length, cat(snappyHead(1, 1), chunk(lying)), small.count);
            }
            begin(SNAPPY, "raw length " + length, lying, small.count);
        }
        begin(SNAPPY, "long varint", cat(snappyHead(1, 1), chunk(cat(bytes(block[0] | 128, 128, 128, 128, 0), part(block, 1, block.length)))), small.count);
        begin(SNAPPY, "longer varint", cat(snappyHead(1, 1), chunk(cat(bytes(block[0] | 128, 128, 128, 128, 128, 0), part(block, 1, block.length)))), small.count);
        int n = small.bytes.length;
        for (int tail : new int[] {0, 1, 2, 3}) {
            // Copies of each form behind the literal: their distances at the edges.
            for (int distance : new int[] {0, 1, n, n + 1, 2047, 65535}) {
                byte[] copy = switch (tail) {
                    case 1 -> bytes(1 | (4 - 4) << 2 | distance >> 8 << 5, distance);
                    case 2 -> cat(bytes(2 | 3 << 2), le(distance, 2));
                    case 3 -> cat(bytes(3 | 3 << 2), le(distance, 4));
                    default -> bytes(3 << 2, 1, 2, 3, 4);
                };
                byte[] made = cat(bytes(n + 4), part(block, 1, block.length), copy);
                begin(SNAPPY, "copy " + tail + " at " + distance, cat(snappyHead(1, 1), chunk(made)), small.count);
            }
        }
    }

    private static void lz4Cases(Payload small, Payload medium, Payload large, Payload huge, Payload noise) throws Exception {
        begin(LZ4, "small", lz4(small.bytes), small.count);
        everywhere(0);
        behind();
        begin(LZ4, "kafka", kafka(OF[LZ4], medium.bytes), medium.count);
        sometimes(1, 200);
        begin(LZ4, "large", kafka(OF[LZ4], large.bytes), large.count);
        sometimes(2, 90);
        begin(LZ4, "hc", kafka(Compression.lz4().level(12).build(), large.bytes), large.count);
        sometimes(5, 60);
        begin(LZ4, "huge", kafka(OF[LZ4], huge.bytes), huge.count);
        sometimes(3, 60);
        begin(LZ4, "noise", kafka(OF[LZ4], noise.bytes), noise.count);
        sometimes(4, 12);
        byte[] data = small.bytes;
        for (int flg = 0; flg < 256; flg++) {
            byte[] size = (flg & 8) != 0 ? le(flg % 3 == 0 ? data.length : -1, 8) : new byte[0];
            byte[] check = (flg & 4) != 0 ? le(flg % 5 == 0 ? xxh(data) : 7, 4) : new byte[0];
            begin(LZ4, "FLG " + flg, cat(lz4Head(flg, 0x40, size), lz4Stored(data, (flg & 16) != 0), END, check), small.count);
        }
        for (int bd = 0; bd < 256; bd += bd < 0x80 && bd % 16 == 0 || bd % 16 == 15 ? 1 : 7) {
            begin(LZ4, "BD " + bd, cat(lz4Head(0x60, bd, new byte[0]), lz4Stored(data, false), END), small.count);
        }
        for (int check = 0; check < 256; check += 5) put(6, bytes(check));
        begin(LZ4, "block checksums", cat(lz4Head(0x70, 0x40, new byte[0]), lz4Stored(part(data, 0, 9), true), lz4Stored(part(data, 9, data.length), true), END), small.count);
        everywhere(3);
        begin(LZ4, "content checksum and size", cat(lz4Head(0x6c, 0x40, le(data.length, 8)), lz4Stored(data, false), END, le(xxh(data), 4)), small.count);
        everywhere(5);
        byte[] empty = lz4Block(bytes(0));
        begin(LZ4, "empty block behind", cat(lz4Head(0x60, 0x40, new byte[0]), lz4Stored(data, false), empty, lz4Stored(data, false), END), small.count);
        counts(1, 2, 4, 6);
        begin(LZ4, "empty blocks behind, then nothing", cat(lz4Head(0x60, 0x40, new byte[0]), lz4Stored(data, false), empty), small.count);
        begin(LZ4, "empty block in front", cat(lz4Head(0x60, 0x40, new byte[0]), empty, lz4Stored(data, false), END), small.count);
        for (int at = 1; at < data.length; at++) {
            byte[] first = lz4Stored(part(data, 0, at), false), second = lz4Stored(part(data, at, data.length), false);
            begin(LZ4, "empty block at " + at, cat(lz4Head(0x60, 0x40, new byte[0]), first, empty, second, END), small.count);
            if (at % 3 == 0) begin(LZ4, "empty blocks at " + at, cat(lz4Head(0x60, 0x40, new byte[0]), first, empty, empty, empty, second, END), small.count);
        }
        byte[] big = payload(2, 21, 3000, false).bytes;
        for (int at = 40; at < big.length; at += 137) {
            byte[] first = lz4Stored(part(big, 0, at), false), second = lz4Stored(part(big, at, big.length), false);
            if (at < 2200 || at > 3000 && at < 3700) {
                begin(LZ4, "empty block in a long record at " + at, cat(lz4Head(0x60, 0x40, new byte[0]), first, empty, second, END), 2);
            }
        }
        begin(LZ4, "stored block of nothing", cat(lz4Head(0x60, 0x40, new byte[0]), lz4Stored(data, false), le(0x80000000L, 4), lz4Stored(data, false)), small.count);
        for (long size : new long[] {1, 2, 65535, 65536, 65537, 262144, 1 << 20, 1 << 22, 0x7fffffffL, 0xffffffffL, 0x80010000L, 0x80010001L}) {
            for (int bd : new int[] {0x40, 0x50, 0x60, 0x70}) {
                begin(LZ4, "block of " + size + " BD " + bd, cat(lz4Head(0x60, bd, new byte[0]), le(size, 4), data, END), small.count);
            }
        }
        lz4Blocks(small);
        begin(LZ4, "two frames", cat(lz4(part(data, 0, 9)), lz4(part(data, 9, data.length))), small.count);
        begin(LZ4, "skippable in front", cat(skippable(0, 4, "skip".getBytes()), lz4(data)), small.count);
        begin(LZ4, "legacy", cat(le(0x184C2102L, 4), lz4Block(data)), small.count);
    }

    /** Blocks at the edges of what the decoder asks: the ends of input and of the room for output. */
    private static void lz4Blocks(Payload small) throws Exception {
        byte[] data = small.bytes;
        byte[] literals = cat(bytes(0xf0 | 0, data.length - 15), data);
        begin(LZ4, "one literal", cat(lz4Head(0x60, 0x40, new byte[0]), lz4Block(literals), END), small.count);
        everywhere(6);
        // Records of one value, whose bytes come from a match at each distance and length, with so many literals behind.
        for (int distance : new int[] {0, 1, 2, 3, 4, 7, 8, 16, 20, 40}) {
            for (int length : new int[] {4, 5, 18, 19, 20, 34, 300}) {
                for (int tail : new int[] {0, 1, 3, 4, 5, 6, 7, 8, 12, 16, 30}) {
                    if ((distance + length + tail) % 3 != 0 && distance > 1) continue;
                    lz4Match(distance, length, tail, 20);
                }
            }
        }
        for (int first : new int[] {14, 15, 16, 30}) {
            for (int tail : new int[] {0, 1, 2, 3, 5, 8, 9}) lz4Match(1, 4, tail, first);
        }
        // Up to the end of the room: 64 KiB in all.
        for (int left = 0; left < 80; left += left < 24 ? 1 : 8) {
            for (int tail : new int[] {0, 5, 12, 40}) {
                if (tail > left) continue;
                lz4Match(1, 65536 - 20 - left, tail, 20);
            }
        }
        lz4Match(1, 70000, 5, 20);
    }

    private static byte[] runLength(int beyond) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (beyond >= 255) {
            out.write(255);
            beyond -= 255;
        }
        out.write(beyond);
        return out.toByteArray();
    }

    private static void lz4Match(int distance, int length, int tail, int first) throws Exception {
        int value = first + length + tail;
        // A record whose value is what the block unfolds to, in two blocks: its head, and the value.
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        byte[] body = cat(bytes(0), varint(0), varint(0), varint(-1), varint(value));
        head.writeBytes(varint(body.length + value + 1));
        head.writeBytes(body);
        byte[] start = new byte[first];
        for (int i = 0; i < first; i++) start[i] = (byte) ('a' + i % 26);
        byte[] end = new byte[tail];
        Arrays.fill(end, (byte) 'z');
        byte[] token = bytes(Math.min(first, 15) << 4 | Math.min(length - 4, 15));
        byte[] block = cat(token, first >= 15 ? runLength(first - 15) : new byte[0], start, le(distance, 2), length - 4 >= 15 ? runLength(length - 19) : new byte[0]);
        if (tail > 0) block = cat(block, bytes(Math.min(tail, 15) << 4), tail >= 15 ? runLength(tail - 15) : new byte[0], end);
        byte[] frame = cat(lz4Head(0x60, 0x40, new byte[0]), lz4Stored(head.toByteArray(), false), lz4Block(block), lz4Stored(varint(0), false), END);
        begin(LZ4, "match " + distance + " " + length + " " + tail + " " + first, frame, 1);
    }

    private static byte[] varint(int value) {
        ByteBuffer out = ByteBuffer.allocate(5);
        org.apache.kafka.common.utils.internals.ByteUtils.writeVarint(value, out);
        return part(out.array(), 0, out.position());
    }

    private static void zstdCases(Payload small, Payload medium, Payload large, Payload huge, Payload noise) throws Exception {
        byte[] data = small.bytes;
        begin(ZSTD, "small", zstdRaw(data), small.count);
        everywhere(0);
        behind();
        begin(ZSTD, "kafka", kafka(OF[ZSTD], medium.bytes), medium.count);
        sometimes(0, 400);
        begin(ZSTD, "large", kafka(OF[ZSTD], large.bytes), large.count);
        sometimes(1, 200);
        begin(ZSTD, "huge", kafka(OF[ZSTD], huge.bytes), huge.count);
        sometimes(2, 40);
        begin(ZSTD, "noise", kafka(OF[ZSTD], noise.bytes), noise.count);
        sometimes(3, 20);
        for (int level : new int[] {-5, 1, 6, 13, 19, 22}) {
            begin(ZSTD, "level " + level, kafka(Compression.zstd().level(level).build(), large.bytes), large.count);
            sometimes(4 + level, 60);
        }
        begin(ZSTD, "checksum", zstd(medium.bytes, 3, s -> s.setChecksum(true)), medium.count);
        sometimes(30, 120);
        begin(ZSTD, "checksum, huge", zstd(huge.bytes, 3, s -> s.setChecksum(true)), huge.count);
        sometimes(31, 20);
        for (int level : new int[] {1, 19}) {
            byte[] whole = com.github.luben.zstd.Zstd.compress(medium.bytes, level);
            begin(ZSTD, "content size, level " + level, whole, medium.count);
            sometimes(32 + level, 90);
            begin(ZSTD, "content size, large, level " + level, com.github.luben.zstd.Zstd.compress(large.bytes, level), large.count);
            sometimes(34 + level, 90);
        }
        begin(ZSTD, "content size, small", com.github.luben.zstd.Zstd.compress(data, 3), small.count);
        everywhere(2);
        begin(ZSTD, "long", zstd(huge.bytes, 19, s -> s.setLong(27)), huge.count);
        begin(ZSTD, "small window", zstd(huge.bytes, 3, s -> s.setLong(10)), huge.count);
        sometimes(40, 20);
        zstdHeads(small);
        zstdBlocks(small, large);
        int half = data.length / 2;
        byte[] one = zstdRaw(part(data, 0, half)), two = zstdRaw(part(data, half, data.length));
        begin(ZSTD, "two frames", cat(one, two), small.count);
        everywhere(3);
        begin(ZSTD, "two frames with sizes", cat(com.github.luben.zstd.Zstd.compress(part(data, 0, half)), com.github.luben.zstd.Zstd.compress(part(data, half, data.length))), small.count);
        everywhere(4);
        for (int variant : new int[] {0, 7, 15}) {
            begin(ZSTD, "skippable " + variant + " in front", cat(skippable(variant, 4, "skip".getBytes()), zstdRaw(data)), small.count);
            if (variant == 7) everywhere(5);
            begin(ZSTD, "skippable " + variant + " behind", cat(zstdRaw(data), skippable(variant, 4, "skip".getBytes())), small.count);
            if (variant == 15) everywhere(6);
        }
        begin(ZSTD, "skippable between", cat(one, skippable(3, 0, new byte[0]), two), small.count);
        for (long size : new long[] {0, 1, 5, 0x7fffffffL, 0xfffffff7L, 0xfffffff8L, 0xffffffffL}) {
            begin(ZSTD, "skippable of " + size + " in front", cat(skippable(0, size, "skip".getBytes()), zstdRaw(data)), small.count);
            begin(ZSTD, "skippable of " + size + " behind", cat(zstdRaw(data), skippable(0, size, "skip".getBytes())), small.count);
        }
        begin(ZSTD, "only skippable", skippable(0, 4, "skip".getBytes()), 1);
        begin(ZSTD, "nothing", new byte[0], 1);
        begin(ZSTD, "formats before", cat(le(0xFD2FB527L, 4), part(zstdRaw(data), 4, 40)), small.count);
        // Frames that end where Java's input of 131075 bytes does, and a frame that is cut off behind them.
        for (int delta : new int[] {-2, -1, 0, 1, 2}) {
            begin(ZSTD, "small again " + delta, zstdRaw(data), small.count);
            int front = 131075 + delta - Codecs.frame.length;
            for (int cut : new int[] {0, 1, 4, 5, 6, 8}) {
                byte[] behind = part(zstdRaw(data), 0, cut);
                byte[] all = cat(skippable(0, front - 8, new byte[front - 8]), Codecs.frame, behind);
                say("skip " + front + " add " + hex(behind), all, small.count);
            }
        }
    }

    private static void zstdHeads(Payload small) throws Exception {
        byte[] data = small.bytes;
        int n = data.length;
        for (int window = 0; window < 256; window += window < 0x80 ? 13 : 1) {
            begin(ZSTD, "window " + window, zstdFrame(0, bytes(window), raw(data, true)), small.count);
            if (window % 8 == 0) begin(ZSTD, "window " + window + " with a size", zstdFrame(0x80, cat(bytes(window), le(n, 4)), raw(data, true)), small.count);
            if (window % 8 == 0) begin(ZSTD, "window " + window + " with a large size", zstdFrame(0x80, cat(bytes(window), le(20000, 4)), raw(data, true)), small.count);
        }
        for (int descriptor = 0; descriptor < 256; descriptor++) {
            boolean single = (descriptor & 0x20) != 0;
            byte[] head = single ? new byte[0] : bytes(10 << 3);
            for (int dictionary : new int[] {0, 5}) {
                int width = new int[] {0, 1, 2, 4}[descriptor & 3];
                if (dictionary != 0 && (width == 0 || descriptor % 3 != 0)) continue;
                byte[] size = switch (descriptor >> 6) {
                    case 0 -> single ? le(n, 1) : new byte[0];
                    case 1 -> le(n - 256, 2);
                    case 2 -> le(n, 4);
                    default -> le(n, 8);
                };
                byte[] check = (descriptor & 4) != 0 ? bytes(1, 2, 3, 4) : new byte[0];
                begin(ZSTD, "descriptor " + descriptor + " dictionary " + dictionary,
                    zstdFrame(descriptor, cat(head, le(dictionary, width), size), raw(data, true), check), small.count);
            }
        }
        for (long size : new long[] {0, n - 1, n, n + 1, 16383, 16384, 16385, 1L << 27, (1L << 27) + 1, (1L << 27) + 2, 1L << 31, 1L << 32, 1L << 40, -1, Long.MIN_VALUE}) {
            begin(ZSTD, "size " + size, zstdFrame(0xc0, cat(bytes(10 << 3), le(size, 8)), raw(data, true)), small.count);
            begin(ZSTD, "single, size " + size, zstdFrame(0xe0, le(size, 8), raw(data, true)), small.count);
            begin(ZSTD, "size " + size + ", empty block behind", zstdFrame(0xc0, cat(bytes(10 << 3), le(size, 8)), raw(data, false), raw(new byte[0], true)), small.count);
            begin(ZSTD, "size " + size + ", empty compressed block behind",
                zstdFrame(0xc0, cat(bytes(10 << 3), le(size, 8)), raw(data, false), zstdBlock(2, true, 0, new byte[0])), small.count);
        }
    }

    private static void zstdBlocks(Payload small, Payload large) throws Exception {
        byte[] data = small.bytes;
        int n = data.length;
        byte[] w = bytes(10 << 3);
        begin(ZSTD, "blocks of one byte", zstdFrame(0, w, oneByOne(data)), small.count);
        everywhere(7);
        begin(ZSTD, "reserved block", zstdFrame(0, w, zstdBlock(3, true, n, data)), small.count);
        begin(ZSTD, "reserved block behind", zstdFrame(0, w, raw(data, false), zstdBlock(3, true, 0, new byte[0])), small.count);
        begin(ZSTD, "empty compressed block", zstdFrame(0, w, raw(data, false), zstdBlock(2, true, 0, new byte[0])), small.count);
        begin(ZSTD, "compressed block of one byte", zstdFrame(0, w, raw(data, false), zstdBlock(2, true, 1, bytes(0))), small.count);
        begin(ZSTD, "compressed block of nothing", zstdFrame(0, w, raw(data, false), zstdBlock(2, true, 2, bytes(0, 0))), small.count);
        begin(ZSTD, "compressed block of literals", zstdFrame(0, w, zstdBlock(2, true, n + 3, cat(le(n << 4 | 4, 2), data, bytes(0)))), small.count);
        everywhere(8);
        for (int size : new int[] {0, 1, 1023, 1024, 1025, 2000, 16384, 16385, 131071, 131072, 131073, 0x1fffff}) {
            // A value of zeros; the window is 1 KiB and 128 KiB, the size of the frame told or not.
            byte[] body = cat(bytes(0), varint(0), varint(0), varint(-1), varint(size));
            byte[] head = cat(varint(body.length + size + 1), body);
            byte[] rle = zstdBlock(1, false, size, bytes(0));
            for (int window : new int[] {0, 7 << 3}) {
                begin(ZSTD, "repeated " + size + " window " + window, zstdFrame(0, bytes(window), raw(head, false), rle, raw(bytes(0), true)), 1);
                begin(ZSTD, "repeated " + size + " window " + window + " sized",
                    zstdFrame(0x80, cat(bytes(window), le(head.length + size + 1, 4)), raw(head, false), rle, raw(bytes(0), true)), 1);
                byte[] literals = zstdBlock(2, false, 5, cat(le((long) size << 4 | 13, 3), bytes(0, 0)));
                begin(ZSTD, "literals " + size + " window " + window, zstdFrame(0, bytes(window), raw(head, false), literals, raw(bytes(0), true)), 1);
                begin(ZSTD, "literals " + size + " window " + window + " sized",
                    zstdFrame(0x80, cat(bytes(window), le(head.length + size + 1, 4)), raw(head, false), literals, raw(bytes(0), true)), 1);
            }
        }
        for (int size : new int[] {1000, 1024, 1025, 3000}) {
            Payload noise = payload(1, size, size, false);
            begin(ZSTD, "stored " + size, zstdFrame(0, bytes(0), raw(noise.bytes, true)), 1);
            begin(ZSTD, "stored " + size + " sized", zstdFrame(0x80, cat(bytes(0), le(noise.bytes.length, 4)), raw(noise.bytes, true)), 1);
        }
    }

    private static byte[] oneByOne(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < data.length; i++) out.writeBytes(raw(part(data, i, i + 1), i == data.length - 1));
        return out.toByteArray();
    }

    public static void main(String[] args) throws Exception {
        Payload small = payload(3, 1, 0, true), medium = payload(30, 2, 60, true), large = payload(120, 3, 130, true);
        Payload huge = payload(4, 4, 40_000, true), noise = payload(3, 5, 3000, false);
        // Long runs, so that little is kept of it.
        byte[] run = huge.bytes.clone();
        for (int i = 2000; i < run.length - 2000; i++) if (i % 40_000 > 9000 && i % 40_000 < 39_000) run[i] = (byte) ('a' + i / 5000 % 3);
        huge = new Payload(run, huge.count);
        gzipCases(small, medium, large, huge, noise);
        snappyCases(small, medium, large, huge, noise);
        lz4Cases(small, medium, large, huge, noise);
        zstdCases(small, medium, large, huge, noise);
        System.out.print(OUT);
        System.err.println(cases + " cases");
    }
}
