package dev.holdfast.benchmarks.server;

import static dev.holdfast.benchmarks.server.Request.ascii;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.benchmarks.server.Request.Reading;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {

  private static final String POST =
      "POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";

  private final Request request = new Request();

  private Reading read(String text) {
    byte[] bytes = ascii(text);
    return request.read(bytes, bytes.length);
  }

  @Test
  void aRequestIsCompleteWithTheLastByteOfItsBody() {
    for (int length = 0; length < POST.length(); length++) {
      assertThat(read(POST.substring(0, length))).isEqualTo(Reading.INCOMPLETE);
    }
    assertThat(read(POST)).isEqualTo(Reading.COMPLETE);
    assertThat(request.isPost()).isTrue();
    assertThat(request.length()).isEqualTo(POST.length());
  }

  @Test
  void whatFollowsBelongsToTheNextOne() {
    assertThat(read(POST + "GET /")).isEqualTo(Reading.COMPLETE);
    assertThat(request.length()).isEqualTo(POST.length());
  }

  @Test
  void aPathIsNotTakenForAnotherThatBeginsLikeIt() {
    read("POST /api/tasks/update-v2 HTTP/1.1\r\n\r\n");
    assertThat(request.isFor(ascii("/api/tasks"))).isFalse();
    assertThat(request.isFor(ascii("/api/tasks/update-v2"))).isTrue();
    read("GET /stats?x=1 HTTP/1.1\r\n\r\n");
    assertThat(request.isFor(ascii("/stats"))).isTrue();
  }

  @Test
  void parametersAreReadByName() {
    read("GET /p?discount=5&count=17&timeout=x HTTP/1.1\r\n\r\n");
    assertThat(request.parameter("count", 1)).isEqualTo(17);
    assertThat(request.parameter("timeout", 9)).isEqualTo(9);
    assertThat(request.parameter("other", 2)).isEqualTo(2);
  }

  @Test
  void theBodyIsSearchedAndNotTheHead() {
    read("POST /x HTTP/1.1\r\nx: \"a\":\r\ncontent-length: 7\r\n\r\n\"b\":\"a\"");
    assertThat(request.behindInBody(ascii("\"a\":"))).isEqualTo(-1);
    assertThat(request.behindInBody(ascii("\"b\":"))).isEqualTo(request.bodyStart() + 4);
  }

  @Test
  void aClientMaySayThatItWillClose() {
    read("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assertThat(request.wantsClose()).isTrue();
    read("GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n");
    assertThat(request.wantsClose()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      })
  void whatItDoesNotUnderstandIsBad(String text) {
    assertThat(read(text)).isEqualTo(Reading.BAD);
  }
}
