package org.heliograph.agent.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers what Jetty refuses by itself, which no route sees, with a problem document too. */
final class ServerErrors {
  private ServerErrors() {}

  /** For a request that is none, and for what stands before the servlet. */
  static final class BeforeServlet extends ErrorHandler {
    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int code,
        String message,
        Throwable cause,
        Callback callback) {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
      response.write(true, ByteBuffer.wrap(problem(request, code, message).bytes()), callback);
    }
  }

  /** For what the servlet does not get to, such as an upgrade of a path that has no WebSocket. */
  static final class InServlet extends org.eclipse.jetty.ee10.servlet.ErrorHandler {
    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int code,
        String message,
        Throwable cause,
        Callback callback)
        throws IOException {
      problem(request, code, message)
          .answer(
              Request.asInContext(request, ServletContextRequest.class).getHttpServletResponse());
    }
  }

  private static Problem problem(Request request, int code, String message) {
    return Problem.ofServer(code, message, Request.getPathInContext(request));
  }
}
