import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codehaus.mojo.animal_sniffer.ClassListBuilder;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.codehaus.mojo.animal_sniffer.logging.PrintWriterLogger;

/**
 * Fails when a class calls what Android 5 has not.
 *
 * <p>Arguments: the signature file, the list of guarded classes, the directory of class files. A guarded class asks for
 * the version before it calls something newer, which no reading of class files can see; so it is listed, and left out.
 * A listed class that does not exist fails too: the list is to be as short as it can be.
 */
final class ApiGate {
    public static void main(String[] arguments) throws IOException {
        Path classes = Paths.get(arguments[2]);
        List<Path> guarded =
            lines(arguments[1]).stream()
                .map(name -> classes.resolve(name.replace('.', '/') + ".class"))
                .collect(Collectors.toList());
        boolean broken = false;
        for (Path file : guarded) {
            if (!Files.exists(file)) {
                System.err.println("guarded class does not exist: " + file);
                broken = true;
            }
        }

        PrintWriterLogger logger = new PrintWriterLogger(System.err);
        ClassListBuilder own = new ClassListBuilder(logger);
        own.process(classes.toFile());
        SignatureChecker checker =
            new SignatureChecker(new FileInputStream(arguments[0]), own.getPackages(), logger);
        checker.setSourcePath(Collections.emptyList());
        for (File file : filesBut(guarded, classes)) {
            checker.process(file);
        }
        if (broken || checker.isSignatureBroken()) {
            System.exit(1);
        }
    }

    private static List<String> lines(String file) throws IOException {
        return Files.readAllLines(Paths.get(file)).stream()
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .collect(Collectors.toList());
    }

    private static List<File> filesBut(List<Path> guarded, Path classes) throws IOException {
        try (Stream<Path> all = Files.walk(classes)) {
            return all.filter(file -> file.toString().endsWith(".class") && !guarded.contains(file))
                .sorted()
                .map(Path::toFile)
                .collect(Collectors.toList());
        }
    }
}
