package spegel.app.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds who may know whom. */
class ArchitectureTest {
  private static final String GENERATED = "spegel.containerd.proto..";

  private static final String[] CORE = {
    "spegel.auth..", "spegel.oci..", "spegel.store..", "spegel.routing"
  };
  private static final String[] CONTAINERD = {"spegel.containerd.."};
  private static final String[] REGISTRY = {"spegel.http..", "spegel.registry.."};
  private static final String[] MULTIFORMATS = {"spegel.multiformats.."};
  private static final String[] LIBP2P = {"spegel.libp2p.."};
  private static final String[] KAD = {"spegel.kad.."};
  private static final String[] ROUTING = {
    "spegel.tracking..", "spegel.routing.kad..", "spegel.routing.bootstrap.."
  };
  private static final String[] APP = {"spegel.app.."};

  private static final Pattern FORBIDDEN_WORDS =
      Pattern.compile(".*(Util|Utils|Helper|Manager|Impl|Common|Misc)([A-Z].*)?");

  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("spegel");

  private static final SliceAssignment BY_PACKAGE =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return type.getPackageName().startsWith("spegel.")
              ? SliceIdentifier.of(type.getPackageName())
              : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
          return "packages";
        }
      };

  private static String[] all(String[]... groups) {
    return Stream.of(groups).flatMap(Stream::of).toArray(String[]::new);
  }

  private static void assertIgnorant(String[] packages, String... unknown) {
    noClasses()
        .that()
        .resideInAnyPackage(packages)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(unknown)
        .check(PROGRAM);
  }

  @Test
  void import_sees_everyModule() {
    for (String type :
        List.of(
            "spegel.oci.Digest",
            "spegel.store.ContentStore",
            "spegel.http.HttpServer",
            "spegel.multiformats.Cid",
            "spegel.libp2p.host.Host",
            "spegel.kad.KadNode",
            "spegel.routing.kad.KadRouter",
            "spegel.app.Main")) {
      assertTrue(PROGRAM.contain(type), type);
    }
  }

  @Test
  void core_knowsNoOtherModule_andNoNetwork() {
    assertIgnorant(CORE, all(CONTAINERD, REGISTRY, APP, new String[] {"io.netty..", "io.grpc.."}));
  }

  @Test
  void oci_doesNoInputOrOutput_andKnowsNoOtherPackage() {
    assertIgnorant(
        new String[] {"spegel.oci.."},
        "spegel.store..",
        "spegel.routing..",
        "spegel.auth..",
        "java.net..",
        "java.nio.file..",
        "java.nio.channels..");
  }

  @Test
  void containerd_knowsCoreOnly() {
    assertIgnorant(CONTAINERD, all(REGISTRY, ROUTING, APP, new String[] {"spegel.routing.."}));
  }

  @Test
  void registry_knowsCoreOnly() {
    assertIgnorant(REGISTRY, all(CONTAINERD, ROUTING, APP, new String[] {"io.grpc.."}));
  }

  @Test
  void routing_knowsCoreAndKademliaOnly() {
    assertIgnorant(ROUTING, all(CONTAINERD, REGISTRY, APP, new String[] {"io.netty.."}));
  }

  @Test
  void libp2pAndKademlia_knowNoImages() {
    assertIgnorant(
        all(MULTIFORMATS, LIBP2P, KAD),
        all(CORE, CONTAINERD, REGISTRY, ROUTING, APP, new String[] {"io.netty..", "io.grpc.."}));
    assertIgnorant(MULTIFORMATS, all(LIBP2P, KAD));
    assertIgnorant(LIBP2P, KAD);
    assertIgnorant(MULTIFORMATS, "com.google..", "org.slf4j..");
  }

  @Test
  void core_knowsNoKademlia() {
    assertIgnorant(all(CORE, CONTAINERD, REGISTRY), all(MULTIFORMATS, LIBP2P, KAD, ROUTING));
  }

  @Test
  void http_knowsNoImages() {
    assertIgnorant(
        new String[] {"spegel.http.."}, "spegel.registry..", "spegel.oci..", "spegel.routing..");
  }

  @Test
  void prometheusAndPicocli_stayWhereTheyBelong() {
    noClasses()
        .that(resideOutsideOfPackages("spegel.app.metrics.."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.prometheus..")
        .check(PROGRAM);
    noClasses()
        .that(resideOutsideOfPackages("spegel.app.command.."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..")
        .check(PROGRAM);
  }

  @Test
  void packages_haveNoCycles() {
    slices().assignedFrom(BY_PACKAGE).should().beFreeOfCycles().check(PROGRAM);
  }

  @Test
  void publicSignatures_nameNoTypeOfALibrary() {
    classes()
        .that(resideInAnyPackage(all(CORE, CONTAINERD, MULTIFORMATS, LIBP2P, KAD, ROUTING)))
        .and(resideOutsideOfPackages(GENERATED))
        .and(publiclyVisible())
        .should(
            notShow("io.netty.", "io.grpc.", "com.google.protobuf.", "spegel.containerd.proto."))
        .check(PROGRAM);
    classes()
        .that(resideInAnyPackage(APP))
        .and(publiclyVisible())
        .should(notShow("io.netty.", "io.grpc.", "com.google.", "picocli.", "io.prometheus."))
        .check(PROGRAM);
    classes()
        .that()
        .haveFullyQualifiedName("spegel.http.HttpExchange")
        .should(notShow("io.netty."))
        .check(PROGRAM);
  }

  private static DescribedPredicate<JavaClass> publiclyVisible() {
    return describe(
        "are public, as are the classes around them",
        type ->
            type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass()
                    .map(outer -> publiclyVisible().test(outer))
                    .orElse(true));
  }

  /** Public and protected members have no type in their signature whose name begins so. */
  private static ArchCondition<JavaClass> notShow(String... prefixes) {
    return new ArchCondition<>("not show types of " + List.of(prefixes)) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (JavaMember member : type.getMembers()) {
          Set<JavaModifier> modifiers = member.getModifiers();
          boolean visible =
              modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
          for (JavaClass shown : visible ? signature(member) : List.<JavaClass>of()) {
            if (Stream.of(prefixes).anyMatch(shown.getBaseComponentType().getName()::startsWith)) {
              events.add(
                  SimpleConditionEvent.violated(
                      member, member.getFullName() + " shows " + shown.getName()));
            }
          }
        }
      }
    };
  }

  private static List<JavaClass> signature(JavaMember member) {
    List<JavaClass> types = new ArrayList<>();
    switch (member) {
      case JavaField field -> types.addAll(field.getType().getAllInvolvedRawTypes());
      case JavaCodeUnit unit -> {
        types.addAll(unit.getReturnType().getAllInvolvedRawTypes());
        unit.getParameterTypes()
            .forEach(parameter -> types.addAll(parameter.getAllInvolvedRawTypes()));
        types.addAll(unit.getThrowsClause().getTypes());
      }
      default -> throw new AssertionError("a member of a new kind: " + member);
    }
    return types;
  }

  @Test
  void packages_areNullMarked() {
    Set<JavaPackage> packages =
        PROGRAM.stream()
            .filter(resideOutsideOfPackages(GENERATED))
            .map(JavaClass::getPackage)
            .collect(Collectors.toSet());
    List<String> unmarked =
        packages.stream()
            .filter(candidate -> !candidate.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .sorted()
            .toList();
    assertEquals(List.of(), unmarked);
  }

  @Test
  void names_areTheFieldsTerms() {
    classes()
        .that(resideOutsideOfPackages(GENERATED))
        .should(
            new ArchCondition<JavaClass>("not be called by a word that says nothing") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                if (FORBIDDEN_WORDS.matcher(type.getSimpleName()).matches()) {
                  events.add(SimpleConditionEvent.violated(type, type.getName()));
                }
              }
            })
        .check(PROGRAM);
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..etc..")
        .check(PROGRAM);
  }
}
