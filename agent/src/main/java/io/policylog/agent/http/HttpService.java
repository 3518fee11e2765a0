package io.policylog.agent.http;

import com.sun.net.httpserver.HttpServer;
import io.policylog.sinks.Exposition;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Serves {@code /metrics}, {@code /livez}, {@code /readyz} and {@code /statusz} on one port.
 *
 * <p>There is a thread for each connection that may be open, so that a client that sends or reads slowly holds up
 * nobody but itself; after {@link HttpLimits#MAX_SECONDS} its connection is closed. Each response closes its connection:
 * idle ones would take the places of probes.
 */
public final class HttpService implements AutoCloseable {
    private static final int IDLE_THREAD_SECONDS = 10;

    private final HttpServer server;
    private final ExecutorService threads;

    private HttpService(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Begins to serve.
     *
     * @param host a name or an address, as in {@code http.listen}
     * @param port 0 takes any that is free
     * @throws IOException when that is not possible; the message is for the user
     */
    public static HttpService start(String host, int port, AgentStatus status, Exposition exposition)
            throws IOException {
        HttpLimits.apply();
        HttpServer server = bind(host, port);
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                HttpLimits.MAX_CONNECTIONS,
                HttpLimits.MAX_CONNECTIONS,
                IDLE_THREAD_SECONDS,
                TimeUnit.SECONDS,
                // Bounded by the number of connections.
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("http-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
        server.setExecutor(threads);
        server.createContext("/", new RequestHandler(status, exposition));
        server.start();
        return new HttpService(server, threads);
    }

    private static HttpServer bind(String host, int port) throws IOException {
        String listen = "http.listen: can't listen on " + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), 0);
        } catch (UnknownHostException e) {
            throw new IOException(listen + ": the host is not known; write an address of this machine, or 0.0.0.0", e);
        } catch (BindException e) {
            throw new IOException(
                    listen + ": " + e.getMessage() + "; end the process that has the port, or set another", e);
        } catch (SocketException e) {
            throw new IOException(listen + ": " + e.getMessage() + "; set another host or port", e);
        }
    }

    /** Where it listens, with the real port. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0); // A second is all that it could give to a request under way, and more than a shutdown has.
        threads.shutdownNow();
    }
}
