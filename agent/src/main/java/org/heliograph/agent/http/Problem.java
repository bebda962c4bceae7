package org.heliograph.agent.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.heliograph.agent.call.CallException;
import org.heliograph.session.DeviceException;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why a request was not done (RFC 9457).
 *
 * @param status the HTTP status
 * @param title the status in words
 * @param code a stable word for a program
 * @param detail what is wrong, in a sentence for a person
 * @param hint what to do about it; empty where there is nothing
 * @param field the request's field that is wrong, or null
 * @param device the device that cannot be used, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Problem(
    @JsonProperty("status") int status,
    @JsonProperty("title") String title,
    @JsonProperty("code") String code,
    @JsonProperty("detail") String detail,
    @JsonProperty("hint") String hint,
    @JsonProperty("field") String field,
    @JsonProperty("device") String device) {

  private static final Logger log = LoggerFactory.getLogger(Problem.class);

  /** Long enough for any sentence of ours with a text of others in it. */
  private static final int DETAIL_LIMIT = 2000;

  static final String CONTENT_TYPE = "application/problem+json";

  Problem {
    detail = ForeignText.line(detail, DETAIL_LIMIT);
    hint = ForeignText.line(hint, DETAIL_LIMIT);
  }

  static Problem of(HttpStatus status, String code, String detail, String hint) {
    return new Problem(status.getCode(), status.getMessage(), code, detail, hint, null, null);
  }

  /** A field of the request is missing or wrong. */
  static Problem ofField(String code, String field, String detail) {
    return new Problem(400, HttpStatus.BAD_REQUEST.getMessage(), code, detail, "", field, null);
  }

  static Problem of(CallException refused) {
    HttpStatus status =
        switch (refused.code()) {
          case UNKNOWN_CALL, UNKNOWN_TRACK -> HttpStatus.NOT_FOUND;
          case TOO_MANY_CALLS, TOO_MANY_TRACKS -> HttpStatus.TOO_MANY_REQUESTS;
          case DEVICE, SIGNALING_UNAVAILABLE, DIRECTORY_UNUSABLE -> HttpStatus.SERVICE_UNAVAILABLE;
          case DISK_FULL -> HttpStatus.INSUFFICIENT_STORAGE;
          case CALL_EXISTS,
              CHANNEL_USED,
              WRONG_STATE,
              WRONG_PEER,
              CALLS_DISABLED,
              NOT_IN_CALL,
              NOT_ADDED,
              RECORDING_DISABLED,
              ALREADY_RECORDING,
              NOT_RECORDING,
              FILE_EXISTS ->
              HttpStatus.CONFLICT;
        };
    return new Problem(
        status.getCode(),
        status.getMessage(),
        refused
            .device()
            .map(device -> CallException.deviceCode(device.reason()))
            .orElse(refused.code().wireName()),
        refused.getMessage(),
        refused.hint(),
        null,
        refused.device().map(DeviceException::device).orElse(null));
  }

  static Problem of(EnvelopeException refused) {
    HttpStatus status =
        switch (refused.code()) {
          case MALFORMED, BAD_DESCRIPTION -> HttpStatus.BAD_REQUEST;
          case TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
          case WRONG_SENDER, WRONG_RECEIVER -> HttpStatus.FORBIDDEN;
          case UNKNOWN_CALL, PEER_UNREACHABLE -> HttpStatus.NOT_FOUND;
          case CHANNEL_USED, UNEXPECTED -> HttpStatus.CONFLICT;
          case TOO_MANY -> HttpStatus.TOO_MANY_REQUESTS;
        };
    return of(status, refused.code().name().toLowerCase(Locale.ROOT), refused.getMessage(), "");
  }

  /** What Javalin itself refuses: an unknown route, a wrong method. */
  static Problem of(HttpResponseException refused, Context context) {
    HttpStatus status = HttpStatus.forStatus(refused.getStatus());
    return switch (status) {
      case NOT_FOUND -> unknownRoute(context.path());
      case METHOD_NOT_ALLOWED ->
          of(
              status,
              "method_not_allowed",
              context.method() + " is not possible at " + context.path() + ".",
              "docs/api.md lists every route.");
      default -> of(status, status.name().toLowerCase(Locale.ROOT), status.getMessage() + ".", "");
    };
  }

  /**
   * What Jetty refuses before any route.
   *
   * @param message its own words, of which only those about the request are told
   */
  static Problem ofServer(int status, String message, String path) {
    return switch (status) {
      case 404 -> unknownRoute(path);
      case 414 ->
          of(
              HttpStatus.URI_TOO_LONG,
              "uri_too_long",
              "The request's address is longer than " + Listener.HEADER_LIMIT + " bytes.",
              "What is long goes into the body.");
      case 431 ->
          of(
              HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
              "header_too_large",
              "The request's header is longer than " + Listener.HEADER_LIMIT + " bytes.",
              "Send fewer or shorter fields; cookies are of no use here.");
      case 500 -> internal();
      case 503 -> of(HttpStatus.SERVICE_UNAVAILABLE, "leaving", message, "Start it anew.");
      default -> {
        String title = org.eclipse.jetty.http.HttpStatus.getMessage(status);
        yield new Problem(
            status,
            title,
            title.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_"),
            "The request cannot be read or done: " + message + ".",
            "",
            null,
            null);
      }
    };
  }

  private static Problem unknownRoute(String path) {
    return of(
        HttpStatus.NOT_FOUND,
        "unknown_route",
        "There is nothing at " + path + ".",
        "docs/api.md lists every route.");
  }

  /** Something has failed that should not have; the log must have it. */
  static Problem internal() {
    return of(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "The agent has failed; its log says how.",
        "Please report it.");
  }

  byte[] bytes() {
    return Json.write(this).getBytes(StandardCharsets.UTF_8);
  }

  void answer(Context context) {
    answer(context.res());
  }

  /** Answers with this, unless an answer has begun; of a WebSocket's handshake too. */
  void answer(HttpServletResponse response) {
    if (response.isCommitted()) {
      return;
    }
    response.resetBuffer();
    response.setStatus(status);
    response.setContentType(CONTENT_TYPE);
    try {
      response.getOutputStream().write(bytes());
    } catch (IOException clientGone) {
      log.debug("{} was not told: {}", code, clientGone.toString());
    }
  }
}
