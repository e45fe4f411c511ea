package br.com.posconnect.shop

import org.json.JSONObject
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration
import java.util.Base64

/** An HTTP client with a secret key, as an integrator would write it. */
class Http(
    private val service: String,
    secretKey: String,
) {
    private val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
    private val authorization = "Basic " + Base64.getEncoder().encodeToString("$secretKey:".toByteArray())

    fun get(path: String): JSONObject = send("GET", path, null)

    fun post(
        path: String,
        body: JSONObject,
    ): JSONObject = send("POST", path, body)

    fun patch(
        path: String,
        body: JSONObject,
    ): JSONObject = send("PATCH", path, body)

    private fun send(
        method: String,
        path: String,
        body: JSONObject?,
    ): JSONObject {
        val request =
            HttpRequest
                .newBuilder(URI.create(service + path))
                .timeout(Duration.ofSeconds(CEILING_S))
                .header("authorization", authorization)
                .header("content-type", "application/json")
                .method(method, body?.let { BodyPublishers.ofString(it.toString()) } ?: BodyPublishers.noBody())
                .build()
        val answer = client.send(request, BodyHandlers.ofString())
        check(answer.statusCode() == 200) { "$method $path: ${answer.statusCode()} ${answer.body()}" }
        return JSONObject(answer.body())
    }
}
