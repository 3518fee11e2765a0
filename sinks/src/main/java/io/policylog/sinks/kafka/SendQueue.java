package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import io.policylog.sinks.SinkException.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;

/**
 * Gives records to the producer, in the order in which they were added. A full block goes to a thread of its own, because
 * the producer's part (it copies and compresses in {@code send}) takes longer than parsing, and both can be done at once.
 * What does not fill a block is sent by the pipeline's thread itself, if nothing is under way: at a low rate there is no
 * other thread, and nobody to wake.
 *
 * <p>Bounded: when all blocks are filled, adding waits for one. A block belongs to one thread at a time, and passes through
 * a queue to the other. All methods are the pipeline's. After one has thrown, only {@link #close} may be called.
 */
final class SendQueue {
    /** Several milliseconds of work, so that neither thread waits when the other has to wait for a processor. */
    private static final int BLOCKS = 8;

    private final Producer<byte[], Slice> producer;
    private final SendFailures sendFailures;
    private final Thread thread;
    private final BlockingQueue<SendBlock> filled = new ArrayBlockingQueue<>(BLOCKS);
    private final BlockingQueue<SendBlock> sent = new ArrayBlockingQueue<>(BLOCKS);

    private final Deque<SendBlock> empty = new ArrayDeque<>();
    private SendBlock current = new SendBlock();
    private int blocks = 1;

    /** Blocks that were handed over and are not back. */
    private int underWay;

    SendQueue(Producer<byte[], Slice> producer, SendFailures sendFailures, String name) {
        this.producer = producer;
        this.sendFailures = sendFailures;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::sendFilled);
    }

    /** Copies a value, which stays until the record that is added next is sent. */
    Slice copy(byte[] array, int offset, int length) throws SinkException {
        if (length > SendBlock.MAX_COPIED_BYTES) {
            await(); // At most one of them is in memory.
        } else if (!current.hasRoomFor(length)) {
            handOver();
        }
        return current.copy(array, offset, length);
    }

    /** Adds a record, whose value was copied just before. */
    void add(LineRecord record, Callback callback) {
        current.add(record, callback);
    }

    /** What was added is sent soon, without more being added. */
    void flush() throws SinkException {
        takeBack();
        if (underWay == 0) {
            send(current);
        } else if (!current.isEmpty()) {
            handOver();
        }
        sendFailures.check();
    }

    /** Waits until all that was added is with the producer, each record for no longer than {@code max.block.ms}. */
    void await() throws SinkException {
        flush();
        while (underWay > 0) {
            awaitOne();
        }
        sendFailures.check();
    }

    /** Ends the thread. Nothing may be added any more, and what is not sent is of no use: the producer is to be closed. */
    void close() {
        thread.interrupt();
    }

    private void handOver() throws SinkException {
        sendFailures.check();
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        filled.add(current);
        underWay++;
        takeBack();
        if (empty.isEmpty() && blocks < BLOCKS) {
            empty.add(new SendBlock());
            blocks++;
        } else if (empty.isEmpty()) {
            awaitOne();
        }
        current = empty.remove();
    }

    private void takeBack() {
        underWay -= sent.drainTo(empty);
    }

    private void awaitOne() throws SinkException {
        try {
            empty.add(sent.take());
            underWay--;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SinkException(Kind.STOPPED, true, "stopped while records were sent", e);
        }
    }

    private void sendFilled() {
        try {
            while (true) {
                SendBlock block = filled.take();
                send(block);
                sent.add(block);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The end.
        }
    }

    /** After a failure nothing more is sent: the sink is opened again, and goes back to its position. */
    private void send(SendBlock block) {
        try {
            block.sendTo(producer, sendFailures);
        } catch (RuntimeException e) {
            sendFailures.thrown(e);
        } catch (Error e) {
            // Else the pipeline would wait for this thread for ever.
            sendFailures.thrown(new IllegalStateException(e));
        }
        block.clear();
    }
}
