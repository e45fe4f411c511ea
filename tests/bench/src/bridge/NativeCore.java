package br.com.posconnect.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The app's side of the bridge, to be measured: one event there and back, and a start. Run as one source file; prints
 * "name value" lines for the bench.
 *
 * <p>The class has the name that the library's functions carry. In the app it is Kotlin.
 */
public final class NativeCore {
    private static final long WAIT_MS = 20_000;

    static native long open(byte[] config);

    static native void dispatch(long handle, byte[] message);

    static native byte[] next(long handle, long timeoutMs);

    static native void close(long handle);

    public static void main(String[] arguments) throws IOException {
        System.load(Path.of(arguments[1]).toAbsolutePath().toString());
        if (arguments[0].equals("events")) {
            events(Path.of(arguments[2]), Integer.parseInt(arguments[3]));
        } else {
            start(Path.of(arguments[2]));
        }
    }

    /** Probes and typed texts, each until its answer is here: nanoseconds, one line each. */
    private static void events(Path directory, int runs) {
        long handle = open(config(directory));
        first(handle);
        for (int run = 0; run < runs; run++) {
            byte[] message = ("{\"type\":\"probe\",\"id\":" + run + "}").getBytes(UTF_8);
            String answer = "{\"type\":\"alive\",\"id\":" + run + "}";
            System.out.println("probe " + thereAndBack(handle, message, answer));
        }
        for (int run = 0; run < runs; run++) {
            String code = "A" + run;
            byte[] message = ("{\"type\":\"text\",\"id\":\"code\",\"value\":\"" + code + "\"}").getBytes(UTF_8);
            System.out.println("text " + thereAndBack(handle, message, "\"" + code + "\""));
        }
        close(handle);
    }

    private static long thereAndBack(long handle, byte[] message, String answer) {
        long began = System.nanoTime();
        dispatch(handle, message);
        while (true) {
            byte[] output = next(handle, WAIT_MS);
            long nanoseconds = System.nanoTime() - began;
            if (output == null) {
                throw new IllegalStateException("no answer to " + new String(message, UTF_8));
            }
            // Looking into the answer is not the bridge's work.
            if (new String(output, UTF_8).contains(answer)) {
                return nanoseconds;
            }
        }
    }

    /** From open to the first screen, which has to be the list. */
    private static void start(Path directory) {
        long began = System.nanoTime();
        long handle = open(config(directory));
        String screen = first(handle);
        long nanoseconds = System.nanoTime() - began;
        if (!screen.contains("\"page\":\"list\"")) {
            throw new IllegalStateException("not the list: " + screen);
        }
        System.out.println("start " + nanoseconds);
        close(handle);
    }

    private static String first(long handle) {
        byte[] output = next(handle, WAIT_MS);
        if (output == null) {
            throw new IllegalStateException("no screen");
        }
        return new String(output, UTF_8);
    }

    /** Nobody listens at the service's address: what is measured is the terminal. */
    private static byte[] config(Path directory) {
        String text = "{\"data_dir\":\"" + directory.toAbsolutePath() + "\",\"service_url\":\"http://127.0.0.1:1\","
            + "\"serial\":{\"provisioned\":\"PB0423L300117\",\"system\":null},\"app_version\":\"bench\","
            + "\"return_scheme\":\"posconnect\",\"previous_end\":null,\"network\":null}";
        return text.getBytes(UTF_8);
    }
}
