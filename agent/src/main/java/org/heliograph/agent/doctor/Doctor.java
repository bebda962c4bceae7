package org.heliograph.agent.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.ffmpeg.global.avutil;
import org.heliograph.agent.Version;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.http.BindRefusal;
import org.heliograph.agent.http.CertificateFiles;
import org.heliograph.agent.http.RendezvousCertificate;
import org.heliograph.agent.life.AddressFile;
import org.heliograph.agent.life.Place;
import org.heliograph.media.CaptureSettings;
import org.heliograph.media.DeviceCatalog;
import org.heliograph.media.Encoders;
import org.heliograph.session.CodecException;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.VideoEncoder;

/** Looks at everything that a call needs. */
public final class Doctor {
  private static final String INSTALL_CODECS =
      "Install libvpx and libopus (Debian: libvpx7 or libvpx9, and libopus0).";

  /** What is left when an ACME client has failed for weeks. */
  private static final Duration RENEWAL = Duration.ofDays(7);

  private final AgentConfig config;
  private final Path addressFile;
  private final Progress progress;
  private final List<Finding> findings = new ArrayList<>();

  /** Is told what is looked at and found, while the rest is still to come. */
  public interface Progress {
    /** Something is looked at that may take a while. */
    void lookingAt(String what);

    /** Something was found. */
    void found(Finding finding);
  }

  private Doctor(AgentConfig config, Path addressFile, Progress progress) {
    this.config = config;
    this.addressFile = addressFile;
    this.progress = progress;
  }

  private void add(Finding finding) {
    findings.add(finding);
    progress.found(finding);
  }

  /**
   * Looks at everything.
   *
   * @param config what is configured; empty where that cannot be read
   * @param configFile the configuration file, whether or not it is there
   * @param configProblem what is wrong with the configuration, or null
   * @param addressFile where a running agent would have written its address
   * @param progress is told of everything as it is found
   */
  public static Report examine(
      Optional<AgentConfig> config,
      Path configFile,
      String configProblem,
      Path addressFile,
      Progress progress)
      throws InterruptedException {
    Doctor doctor = new Doctor(config.orElseGet(AgentConfig::defaults), addressFile, progress);
    doctor.examineProgram();
    doctor.examineConfiguration(configFile, configProblem);
    progress.lookingAt("the libraries");
    doctor.examineLibraries();
    progress.lookingAt("the cameras");
    doctor.examineCameras();
    progress.lookingAt("the microphones");
    doctor.examineMicrophones();
    doctor.examinePorts();
    if (doctor.config.signaling() instanceof AgentConfig.Signaling.Embedded) {
      doctor.config.rendezvous().certificate().ifPresent(doctor::examineCertificate);
    }
    if (!doctor.config.ice().urls().isEmpty()) {
      progress.lookingAt("the STUN and TURN servers, for up to 16 seconds");
      IceServerVisit.visitAll(doctor.config.ice()).forEach(doctor::add);
    }
    progress.lookingAt("a call through the whole stack");
    return new Report(doctor.findings, doctor.examineSelfCall());
  }

  private void examineProgram() {
    add(
        Finding.ok(
            "program",
            "heliograph",
            "%s on Java %s, %s %s"
                .formatted(
                    Version.VERSION,
                    Runtime.version(),
                    System.getProperty("os.name"),
                    System.getProperty("os.version"))));
  }

  private void examineConfiguration(Path file, String problem) {
    if (problem != null) {
      add(
          Finding.failure(
              "configuration",
              file.toString(),
              problem,
              "Mend it; what follows was looked at with the defaults."));
    } else {
      add(
          Finding.ok(
              "configuration",
              file.toString(),
              file.toFile().exists() ? "is valid" : "is not there; the defaults hold"));
    }
  }

  private void examineLibraries() {
    try (VideoEncoder vp8 =
        Encoders.openVp8(new VideoEncoder.Settings(320, 240, 30, 300_000, false))) {
      addEncoder("VP8", vp8.name());
    } catch (CodecException missing) {
      add(Finding.failure("library", "VP8", missing.getMessage(), INSTALL_CODECS));
    }
    try (OpusEncoder opus =
        Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, true, 10, false))) {
      addEncoder("Opus", opus.name());
    } catch (CodecException missing) {
      add(Finding.failure("library", "Opus", missing.getMessage(), INSTALL_CODECS));
    }
    try {
      add(Finding.ok("library", "FFmpeg", avutil.av_version_info().getString() + ", bundled"));
    } catch (LinkageError missing) {
      add(
          Finding.failure(
              "library",
              "FFmpeg",
              "cannot be loaded: " + missing.getMessage(),
              "Install the libraries that it needs (Debian: libasound2, libpulse0, libxcb1,"
                  + " libxcb-shm0; on arm64 libva-drm2 too)."));
    }
  }

  private void addEncoder(String codec, String name) {
    boolean fallback = name.toLowerCase(Locale.ROOT).contains("ffmpeg");
    add(
        fallback
            ? Finding.warning("library", codec, name + ", the fallback", INSTALL_CODECS)
            : Finding.ok("library", codec, name));
  }

  private void examineCameras() {
    CaptureSettings media = config.media();
    List<DeviceCatalog.Camera> cameras = DeviceCatalog.cameras();
    for (DeviceCatalog.Camera camera : cameras) {
      boolean wanted = media.camera().equals(camera.device());
      add(
          device(
              "camera",
              camera.device(),
              camera.name(),
              camera.availability(),
              camera.problem(),
              wanted,
              camera.formats().stream().map(Object::toString).toList()));
    }
    boolean listed = cameras.stream().anyMatch(each -> each.device().equals(media.camera()));
    Optional<String> problem = DeviceCatalog.cameraProblem(media).filter(_ -> !listed);
    if (problem.isPresent()) {
      add(
          Finding.failure(
              "camera",
              media.camera(),
              "is configured, but not to be had: " + problem.get(),
              "Or set media.camera to \"auto\"."));
    } else if (cameras.isEmpty()) {
      add(
          Finding.warning(
              "camera",
              "none",
              "no camera was found; with media.camera = \"auto\" the test picture takes its place",
              "Plug one in. In a container or a virtual machine, hand /dev/video0 in."));
    }
  }

  private void examineMicrophones() {
    List<DeviceCatalog.Microphone> microphones = DeviceCatalog.microphones();
    for (DeviceCatalog.Microphone microphone : microphones) {
      add(
          device(
              "microphone",
              microphone.device(),
              microphone.name(),
              microphone.availability(),
              microphone.problem(),
              config.media().microphone().equals(microphone.device()),
              List.of()));
    }
    DeviceCatalog.SoundServer soundServer = DeviceCatalog.soundServer();
    boolean listed =
        microphones.stream().anyMatch(each -> each.device().equals(config.media().microphone()));
    DeviceCatalog.microphoneProblem(config.media(), soundServer)
        .filter(_ -> !listed)
        .ifPresent(
            problem ->
                add(
                    Finding.failure(
                        "microphone",
                        config.media().microphone(),
                        "is configured, but not to be had: " + problem,
                        "Or set media.microphone to \"auto\".")));
    if (soundServer.runs()) {
      add(
          soundServer.problem().isEmpty()
              ? Finding.ok("microphone", "pulse", soundServer.microphone())
              : Finding.warning("microphone", "pulse", soundServer.problem(), ""));
    } else if (microphones.isEmpty()) {
      add(
          Finding.warning(
              "microphone",
              "none",
              "no microphone and no sound server was found; with media.microphone = \"auto\" the"
                  + " test tone takes its place",
              "Plug one in, or start PipeWire or PulseAudio."));
    }
  }

  private static Finding device(
      String area,
      String device,
      String name,
      DeviceCatalog.Availability availability,
      String problem,
      boolean wanted,
      List<String> more) {
    boolean usable = availability == DeviceCatalog.Availability.USABLE;
    Finding.Verdict verdict =
        usable ? Finding.Verdict.OK : wanted ? Finding.Verdict.FAILURE : Finding.Verdict.WARNING;
    return new Finding(area, device, verdict, usable ? name : name + ": " + problem, "", more);
  }

  private void examinePorts() {
    try {
      Optional<AddressFile.Address> running = Place.find(addressFile);
      if (running.isPresent()) {
        add(Finding.ok("port", "agent", "an agent of yours runs at " + running.get().url()));
        return;
      }
    } catch (IOException hangs) {
      add(Finding.failure("port", "agent", hangs.getMessage(), ""));
      return;
    }
    examinePort("api.port", "127.0.0.1", config.api().port());
    if (config.signaling() instanceof AgentConfig.Signaling.Embedded) {
      examinePort("rendezvous.port", config.rendezvous().listen(), config.rendezvous().port());
    }
  }

  private void examineCertificate(AgentConfig.Rendezvous.Certificate configured) {
    String name = configured.chain().toString();
    try {
      RendezvousCertificate certificate = new CertificateFiles(configured).read();
      String detail =
          "is for %s, good until %s"
              .formatted(String.join(", ", certificate.names()), certificate.notAfter());
      boolean soon = certificate.notAfter().isBefore(Instant.now().plus(RENEWAL));
      add(
          soon
              ? Finding.warning("certificate", name, detail, "Renew it; no restart is needed.")
              : Finding.ok("certificate", name, detail));
    } catch (IOException unusable) {
      add(Finding.failure("certificate", name, unusable.getMessage(), ""));
    }
  }

  private void examinePort(String key, String listen, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(listen), port));
      add(Finding.ok("port", key, port == 0 ? "a free one is taken" : port + " is free"));
    } catch (IOException refused) {
      BindRefusal why = BindRefusal.of(refused, key);
      add(
          Finding.failure(
              "port",
              key,
              "port %d of %s cannot be used: %s".formatted(port, listen, why.words()),
              why.remedy()));
    }
  }

  private Optional<SelfCall.Times> examineSelfCall() throws InterruptedException {
    try {
      SelfCall.Times times = SelfCall.make();
      add(
          Finding.ok(
              "self-call",
              "test picture and tone",
              "the first picture came after %d ms, the first sound after %d ms"
                  .formatted(times.firstPictureMillis(), times.firstSoundMillis())));
      return Optional.of(times);
    } catch (IOException | RuntimeException | LinkageError failure) {
      add(
          Finding.failure(
              "self-call",
              "test picture and tone",
              String.valueOf(failure.getMessage()),
              "Run it with --log-level debug and report what it says."));
      return Optional.empty();
    }
  }
}
