package androidx.test.runner.intent;

/** Never loaded: an intent that the app starts is only noted by Robolectric. */
public final class IntentStubberRegistry {
    private IntentStubberRegistry() {}

    public static boolean isLoaded() {
        return false;
    }

    public static IntentStubber getInstance() {
        throw new IllegalStateException("no intent stubber");
    }
}
